* 12. Published figures held against the lists, from: coverage287 claims --format csv
import delimited "claims.csv", clear stringcols(_all)
keep if substr(claim_id, 1, 10) == "2025-06-06"
list as_of_date printed_value computed_value verdict
type "citation.bib"
