"""The measurement engine at the command line: files of ratings in, tables or JSON out, no database."""
