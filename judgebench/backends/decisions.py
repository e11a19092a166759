APIS = ("decisions", "systemone")
