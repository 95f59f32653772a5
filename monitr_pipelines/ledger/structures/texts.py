"""What is wrong with the file of a structure, and what to do about it, in plain English, by kind.

Each is of two sentences; `[finding]` of the pages' texts says them in other languages.
"""

from collections.abc import Mapping

STRUCTURE_FINDINGS: Mapping[str, str] = {
    "structure_at_line": "Line {row}: {what}",
    "structure_at_line_of": "Line {row} ({line}): {what}",
    # Of the file.
    "structure_too_large": "The file has {size} bytes. Use {most} at most.",
    "structure_no_utf8": "The file is not in UTF-8. Save it as `CSV UTF-8`.",
    "structure_unreadable": "It cannot be read as a table: a quotation mark is missing, or a cell is "
    "far too long. Save it again from a spreadsheet.",
    "structure_no_column": "There is no column {column}. Columns are {columns}.",
    "structure_unknown_column": "{column} is not a column. Columns are {columns}.",
    "structure_column_twice": "The column {column} stands twice. Take one of them out.",
    "structure_more_cells": "It has {cells} cells, and the header has {columns}. Put cells that hold the "
    "separator in quotation marks.",
    "structure_too_many_lines": "It has more than {most} lines. Leave accounts to the mapping.",
    # Of a line by itself.
    "structure_no_code": "It has no code. Give the column `line` one, unique in the file.",
    "structure_long_code": "Its code has {length} characters. Use {most} at most.",
    "structure_reserved": "Every structure is given this line by itself. Leave it out, or rename it.",
    "structure_no_statement": "{statement} is not a statement. Write one of {statements}.",
    "structure_no_position": "{position} is not a position. Write a whole number, 1 to {most}.",
    "structure_no_name": "It has no name. Fill {columns} or {last}; the others follow it.",
    "structure_long_name": "{column} has {length} characters. Use {most} at most.",
    "structure_no_flag": "top is {top}. Write 1 for a main line, 0 or nothing for the rest.",
    "structure_top_alone": "top is 0, but it has no parent. Give it a parent, or write 1.",
    "structure_no_role": "{role} is not a role. Write one of {roles}, or nothing.",
    "structure_role_elsewhere": "The role {role} is of {statement}. Give it to a line there, or leave it out.",
    "structure_accounts_of_flow": "A line of the cash flow statement has no accounts. Leave them out; lines of "
    "the other statements lead to it by their column `cash_flow`.",
    "structure_accounts_of_role": "A line with the role {role} is computed, and has no accounts. Take one of "
    "the two out.",
    "structure_long_beginning": "{column} holds a beginning of {length} characters. Use {most} at most, and "
    "blanks between them.",
    "structure_control": "{column} holds a control character. Take it out; a cell is one line.",
    # Of lines beside one another.
    "structure_code_twice": "Line {other} of the file has this code too. Give each its own.",
    "structure_position_twice": "Line {other} of the file has position {position} of this statement too. "
    "Number the lines of a statement differently.",
    "structure_own_parent": "It is its own parent. Name another line, or none.",
    "structure_no_parent": "There is no line {parent} for its parent. Correct the code, or add the line.",
    "structure_parent_elsewhere": "Its parent {parent} is of another statement. A total is of one statement: "
    "name another line.",
    "structure_circle": "Its parents lead back to itself: {circle}. Give one of them a parent above, or none.",
    "structure_accounts_above": "{column} is filled, but it has lines below it. Accounts stand on lines "
    "without lines below: give it one more for them.",
    "structure_beginning_twice": "{column} holds {beginning}, as does line {other} of the file. A beginning of "
    "account codes stands once in a statement.",
    "structure_flow_above": "cash_flow is filled, but it has lines below it. Fill it on the lines below "
    "instead.",
    "structure_flow_computed": "A line that is computed leads to no cash flow. Leave cash_flow empty.",
    "structure_flow_cash": "It is cash, whose change the cash flow explains. Leave cash_flow empty, or take "
    "the role out.",
    "structure_flow_nowhere": "There is no line {line} in the cash flow statement. Correct the code, or add "
    "the line.",
    "structure_flow_total": "{line} of the cash flow statement is a total. Name a line without lines below "
    "and without a role.",
    "structure_role_with_parts": "A line with the role {role} is computed, and has no lines below. Give them "
    "another parent.",
    "structure_role_twice": "Line {other} of the file has the role {role} too. One line has it.",
    "structure_role_missing": "No line has the role {role}. Give it to one.",
    "structure_role_missing_flow": "No line of the cash flow statement has the role {role}. Give it to one.",
    "structure_empty_result": "It is the net result and has no lines below: it would always be 0. Name it as "
    "the parent of the lines of profit and loss.",
    "structure_result_in_cash": "It is the result, and below a line that is cash. Give it another parent.",
    "structure_cash_twice": "A line above it is cash already. Take the role out of one of them.",
    "structure_role_below": "A line with the role {role} is at the top. Take its parent out.",
    "structure_flow_beside": "It is in no net cash flow. Give it the line with the role net_cash_flow above.",
}
