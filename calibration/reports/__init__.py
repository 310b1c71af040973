"""What the double scores say: agreement pages, the comparability workbook, and the exports of both."""
