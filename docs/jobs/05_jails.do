* 5. Counties whose jail's operator has a jail agreement, from: coverage287 panel --rule jail_operator --models jail --output panel.csv
import delimited "panel.csv", clear stringcols(1)
generate byte covered = treated == "true"
collapse (sum) covered, by(period_number)
list
