// What the page uses of Observable Plot; esbuild leaves the rest out.
export {
  cell,
  dot,
  frame,
  line,
  link,
  plot,
  pointer,
  pointerX,
  pointerY,
  rect,
  ruleX,
  ruleY,
  text,
  tip,
} from "@observablehq/plot";
