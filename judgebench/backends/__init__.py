"""Models behind one method, `complete`: requests in, completions out as they finish (judgebench.types.Backend)."""
