"""Hard pairs with objective labels, as JudgeBench was built (arXiv 2410.12784): questions whose answers a program can
check, several responses to each, two graders, and a right beside a wrong response.

questions -> asking (a model, for responses) -> graders -> building (counts) -> selection (pairs) -> writing (files)

graders       answers (what a response states), number, algebra (expressions, equality), unit_tests
unit_tests    sandbox (this side of the wall) and inside (the other side, a script of its own)
"""
