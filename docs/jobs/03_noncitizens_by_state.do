* 3. Noncitizens covered by state, with margins, from: coverage287 coverage --by state --rule county_agency --models all --format csv
import delimited "coverage.csv", clear stringcols(1 2 3 4 5)
keep geography county_count noncitizen_covered noncitizen_covered_moe noncitizen_share noncitizen_share_moe
gsort -noncitizen_covered
list in 1/15
