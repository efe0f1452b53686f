DOCS_SHELL_ONLY = """{prob_desc} Shell: {shell_api} End: {submit_api}"""
