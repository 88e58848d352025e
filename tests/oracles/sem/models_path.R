# Path models: APIM, mediation, constraints between slopes, moments as input.

lines <- function(...) paste(c(...), collapse = "\n")

apim <- lines(
  "learning_m ~ a1*trust_m + p1*trust_d", "learning_d ~ a2*trust_d + p2*trust_m",
  "learning_m ~~ learning_d"
)
reference("apim", apim, "pairs", vcov = TRUE, residuals = TRUE)
reference("apim_observed", apim, "pairs", information = "observed")
reference("apim_means", apim, "pairs", meanstructure = TRUE)
reference("apim_random_x", apim, "pairs", fixed_x = FALSE, meanstructure = TRUE)
reference(
  "apim_random_x_observed", apim, "pairs", fixed_x = FALSE, meanstructure = TRUE,
  information = "observed"
)
reference(
  "apim_equal_effects",
  lines(
    "learning_m ~ a*trust_m + p*trust_d", "learning_d ~ a*trust_d + p*trust_m",
    "learning_m ~~ learning_d", "k := p / a", "difference := a - p"
  ),
  "pairs", meanstructure = TRUE, residuals = TRUE
)
reference("apim_indistinguishable", lines(
  "learning_m ~ a*trust_m + p*trust_d", "learning_d ~ a*trust_d + p*trust_m",
  "learning_m ~~ v*learning_m", "learning_d ~~ v*learning_d", "learning_m ~~ learning_d",
  "trust_m ~~ w*trust_m", "trust_d ~~ w*trust_d", "trust_m ~~ trust_d",
  "trust_m ~ mx*1", "trust_d ~ mx*1", "learning_m ~ my*1", "learning_d ~ my*1", "k := p / a"
), "pairs", fixed_x = FALSE, meanstructure = TRUE, vcov = TRUE)
# The exchangeable saturated model: every moment equal across members.
exchangeable <- lines(
  "trust_m ~~ v1*trust_m", "trust_d ~~ v1*trust_d", "learning_m ~~ v2*learning_m",
  "learning_d ~~ v2*learning_d", "trust_m ~~ trust_d", "learning_m ~~ learning_d",
  "trust_m ~~ own*learning_m", "trust_d ~~ own*learning_d", "trust_m ~~ other*learning_d",
  "trust_d ~~ other*learning_m", "trust_m ~ m1*1", "trust_d ~ m1*1", "learning_m ~ m2*1",
  "learning_d ~ m2*1"
)
reference("exchangeable_saturated", exchangeable, "pairs", auto = "lavaan")
reference("exchangeable_fiml", exchangeable, "pairs_mcar", auto = "lavaan")
reference("apim_fiml", apim, "pairs_mcar", fixed_x = FALSE, vcov = TRUE, residuals = TRUE)
reference("apim_fiml_expected", apim, "pairs_mcar", fixed_x = FALSE, information = "expected")
reference("apim_fiml_fixed_x", apim, "pairs_mcar", fixed_x = TRUE,
          warns = "rows without exogenous variables are deleted under fixed_x")
reference("apim_listwise", apim, "pairs_mcar", missing = "listwise")
reference("apim_complete_as_fiml", apim, "pairs", missing = "fiml", fixed_x = TRUE)
reference(
  "apim_fiml_ratio",
  lines(
    "learning_m ~ a*trust_m + p*trust_d", "learning_d ~ a*trust_d + p*trust_m",
    "learning_m ~~ learning_d", "k := p / a", "total := a + p"
  ),
  "pairs_mcar", fixed_x = FALSE
)
# Both partners' tension in between: four mediated paths for each outcome.
apim_mediation <- lines(
  "tension_m ~ a11*trust_m + a12*trust_d", "tension_d ~ a22*trust_d + a21*trust_m",
  "learning_m ~ b11*tension_m + b12*tension_d + c11*trust_m + c12*trust_d",
  "learning_d ~ b22*tension_d + b21*tension_m + c22*trust_d + c21*trust_m",
  "tension_m ~~ tension_d", "learning_m ~~ learning_d",
  "actor_actor := a11*b11", "partner_partner := a21*b12", "total_indirect := a11*b11 + a21*b12",
  "total := c11 + a11*b11 + a21*b12", "share := (a11*b11 + a21*b12) / total"
)
reference("apim_mediation", apim_mediation, "pairs")
reference("apim_mediation_fiml", apim_mediation, "pairs_mcar", fixed_x = FALSE)
reference("apim_two_predictors", lines(
  "learning_m ~ trust_m + trust_d + support_m + support_d",
  "learning_d ~ trust_m + trust_d + support_m + support_d", "learning_m ~~ learning_d"
), "pairs", meanstructure = TRUE)
reference("regression_saturated", "learning_m ~ trust_m + support_m", "pairs")
# Each partner's learning feeds the other's.
reference(
  "nonrecursive",
  lines(
    "learning_m ~ trust_m + r1*learning_d", "learning_d ~ trust_d + r2*learning_m",
    "learning_m ~~ learning_d"
  ),
  "pairs"
)
reference(
  "nonrecursive_equal",
  lines(
    "learning_m ~ trust_m + support_m + r*learning_d",
    "learning_d ~ trust_d + support_d + r*learning_m", "learning_m ~~ learning_d", "loop := r^2"
  ),
  "pairs", information = "observed"
)

mediation <- lines(
  "trust ~ a*support + tenure", "learning ~ b*trust + c*support + tenure", "indirect := a*b",
  "total := c + a*b", "mediated := indirect / total", "odds := exp(indirect)", "logged := log(b)",
  "root := sqrt(a)", "squared := b^2", "mixed := exp(a)*sqrt(b)/(1 + c^2)"
)
reference("mediation", mediation, "mediation", vcov = TRUE)
reference("mediation_random_x", mediation, "mediation", fixed_x = FALSE)
serial <- lines(
  "trust ~ a1*support", "insight ~ a2*support + d*trust",
  "learning ~ c*support + b1*trust + b2*insight", "transfer ~ e*learning", "via_trust := a1*b1",
  "via_insight := a2*b2", "serial := a1*d*b2", "all_three := via_trust + via_insight + serial",
  "contrast := via_trust - via_insight", "onwards := all_three*e"
)
reference("serial_mediation", serial, "mediation", residuals = TRUE)
reference(
  "serial_mediation_means", serial, "mediation", meanstructure = TRUE, information = "observed"
)
reference("serial_mediation_fiml", serial, "mediation_mar", fixed_x = FALSE)
reference("serial_mediation_listwise", serial, "mediation_mar", missing = "listwise")
reference(
  "mediation_no_effect_fixed",
  lines(
    "trust ~ a*support", "insight ~ 0.4*support + 0*tenure + trust",
    "learning ~ start(0.5)*trust + b*insight", "indirect := a*b"
  ),
  "mediation"
)
reference(
  "mediation_intercepts",
  lines(
    "trust ~ 1 + a*support", "learning ~ i*1 + b*trust + support", "indirect := a*b",
    "predicted := i + b"
  ),
  "mediation"
)

# Constraints.
constrained <- function(name, constraints, warns = NULL) {
  base <- c(
    "trust ~ a*support + t1*tenure", "insight ~ d*support + b*trust",
    "learning ~ c*support + e*trust + f*insight"
  )
  reference(name, lines(base, constraints), "mediation", warns = warns, vcov = TRUE)
}
constrained("constraint_equal", "a == b")
constrained("constraint_sum", "c + e == 0.6")
constrained("constraint_double", c("2*a == d + e", "f == 0.3"))
constrained("constraint_product", "e == a*b")
constrained("constraint_exponential", "e == exp(d) - 1")
constrained("constraint_two_products", "a*b == c*e")
constrained("constraint_ratio", c("a/b == d/e", "i := a*b*f"))
constrained("constraint_mixed", c("a == d", "f == b*b + c"))
constrained("inequality_inactive", c("a > 0", "b < 2"))
constrained("inequality_active", "e < 0.3", warns = "an inequality constraint is active")
constrained(
  "inequality_active_product", c("a*b > 0.15", "i := a*b"),
  warns = "an inequality constraint is active"
)
constrained(
  "inequality_and_equality", c("a == d", "e < 0.25", "f > 0"),
  warns = "an inequality constraint is active"
)
reference("constraint_random_x_fiml", lines(
  "trust ~ a*support", "learning ~ b*trust + c*support", "transfer ~ d*learning", "d == a*b + c"
), "mediation_mar", fixed_x = FALSE, vcov = TRUE)
reference(
  "bound_inactive", lines("trust ~ lower(0)*support", "learning ~ trust + upper(1)*support"),
  "mediation"
)
reference(
  "bound_active", lines("trust ~ support", "learning ~ trust + upper(0.1)*support"), "mediation",
  warns = "a bound is active"
)

# Bare lavaan(): every parameter written.
reference("bare_path", lines(
  "learning_m ~ a*trust_m + p*trust_d", "learning_d ~ a*trust_d + p*trust_m",
  "learning_m ~~ learning_m", "learning_d ~~ learning_d", "learning_m ~~ learning_d",
  "trust_m ~~ trust_m", "trust_d ~~ trust_d", "trust_m ~~ trust_d"
), "pairs", auto = "lavaan", fixed_x = FALSE)
reference(
  "bare_path_means_fiml",
  lines(
    "learning_m ~ trust_m + trust_d", "learning_d ~ trust_d + trust_m",
    "learning_m ~~ learning_m + learning_d", "learning_d ~~ learning_d",
    "trust_m ~~ trust_m + trust_d", "trust_d ~~ trust_d",
    "trust_m + trust_d + learning_m + learning_d ~ 1"
  ),
  "pairs_mcar", auto = "lavaan", fixed_x = FALSE
)
reference(
  "covariances_only",
  lines("trust_m ~~ trust_d + 0*support_d", "support_m ~~ trust_m", "support_d ~~ trust_d"), "pairs"
)
reference(
  "x_written_random", lines(apim, "trust_m ~~ trust_m + trust_d", "trust_d ~~ trust_d"), "pairs"
)

# Published moments.
acitelli <- lines("sath ~ a1*oph + p1*opw", "satw ~ a2*opw + p2*oph", "sath ~~ satw")
reference("acitelli_apim", acitelli, moments = "acitelli")
reference("acitelli_covariances_only", acitelli, moments = "acitelli_without_means")
reference("acitelli_equal_effects", lines(
  "sath ~ a*oph + p*opw", "satw ~ a*opw + p*oph", "sath ~~ satw", "k := p / a"
), moments = "acitelli")
reference(
  "acitelli_equal_outcomes",
  lines(
    "sath ~ i*1 + a*oph + p*opw", "satw ~ i*1 + a*opw + p*oph", "sath ~~ v*sath", "satw ~~ v*satw",
    "sath ~~ satw"
  ),
  moments = "acitelli"
)
reference(
  "acitelli_indistinguishable",
  lines(
    "sath ~ a*oph + p*opw", "satw ~ a*opw + p*oph", "sath ~~ v*sath", "satw ~~ v*satw",
    "sath ~~ satw", "oph ~~ w*oph", "opw ~~ w*opw", "oph ~~ opw", "oph ~ m*1", "opw ~ m*1",
    "sath ~ i*1", "satw ~ i*1", "k := p / a"
  ),
  moments = "acitelli", fixed_x = FALSE
)
reference(
  "acitelli_mediation",
  lines(
    "tenh ~ a11*oph + a12*opw", "tenw ~ a22*opw + a21*oph",
    "sath ~ b11*tenh + b12*tenw + c11*oph + c12*opw",
    "satw ~ b22*tenw + b21*tenh + c22*opw + c21*oph", "tenh ~~ tenw", "sath ~~ satw",
    "indirect := a11*b11 + a21*b12"
  ),
  moments = "acitelli", fixed_x = FALSE
)

# Syntax as researchers write it.
reference("syntax_variety", lines(
  "# effects of both partners", "learning_m + learning_d ~ trust_m   # one line for two outcomes",
  "learning_m ~ p*trust_d + start(0.1)*trust_d; learning_d ~ p * trust_d", "! residuals",
  "learning_m ~~ c*learning_d + NA*learning_m", "twice := 2 * p ; p - 0.3 == 0.05", "c > -1"
), "pairs", meanstructure = TRUE)
reference(
  "intercepts_only",
  lines(
    "trust_m ~ 1", "trust_d ~ m*1 + start(4)*1", "trust_m ~~ trust_m", "trust_d ~~ v*trust_d",
    "m_squared := m^2/v"
  ),
  "pairs", auto = "lavaan"
)
reference(
  "path_fiml_fixed_x",
  lines("trust ~ support + tenure", "learning ~ trust + support", "transfer ~ learning + trust"),
  "mediation_mar", fixed_x = TRUE
)
reference(
  "correlated_outcomes_means",
  lines(
    "insight + learning ~ support + trust", "insight ~~ learning", "insight ~ a*1",
    "learning ~ b*1", "a == b"
  ),
  "mediation", meanstructure = TRUE
)
