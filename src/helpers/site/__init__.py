"""What leaders open: one self-contained HTML page per report, and a start page.

A page holds the text, tables and figures of an executed notebook. It needs no other file and no
network, and its Content-Security-Policy allows nothing but the style and the script it brings.
"""
