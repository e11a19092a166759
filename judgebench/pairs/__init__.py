"""Hard pairs with objective labels, built as JudgeBench was (arXiv 2410.12784): questions whose answers a program can
check, several responses to each, two graders, and pairs of a right and a wrong response.

questions -> asking (a model, for responses) -> graders -> building (pairs, counts and files)

graders       use answers (what a response states), number and algebra (with expressions)
              and sandbox, which starts confined processes; inside is the script that runs in them
"""
