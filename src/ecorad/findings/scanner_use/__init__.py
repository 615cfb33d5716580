"""How full scanners are, and on which days one of them could have stayed closed."""
