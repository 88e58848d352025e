# Residuals: heteroscedastic by a factor, groups larger than two, variances by role.

two <- "y ~ 0 + role + role:act + role:par"
pick <- function(rows, p) t(vapply(rows, function(r) replace(numeric(p), abs(r), sign(r)), numeric(p)))
un <- residual_un()
cs <- residual_cs()
by_role <- function() varIdent(form = ~ 1 | role)
by_format <- function() varIdent(form = ~ 1 | format)
by_site <- function() varIdent(form = ~ 1 | site)
roles_of_dyad <- function() corSymm(form = ~ as.integer(role) | dyad)
effects <- list(equal_effects = pick(list(c(3, -4), c(5, -6)), 6))

both("formats_un", "formats90", two, un, heteroscedastic = "format", contrasts = effects,
  checks = function(x) check_gls(x, roles_of_dyad(), varComb(by_role(), by_format())))
both("formats_un_moderated", "formats90", "y ~ role * format * (act + par)", un, heteroscedastic = "format",
  checks = function(x) check_gls(x, roles_of_dyad(), varComb(by_role(), by_format())))
both("sites_un", "formats90", two, un, heteroscedastic = "site",
  checks = function(x) check_gls(x, roles_of_dyad(), varComb(by_role(), by_site())))
both("formats_cs", "formats90", "y ~ role * (act + par)", cs, heteroscedastic = "format",
  checks = function(x) check_gls(x, corCompSymm(form = ~ 1 | dyad), by_format()))
both("sites_cs", "formats90", "y ~ site + act + par", cs, heteroscedastic = "site",
  checks = function(x) check_gls(x, corCompSymm(form = ~ 1 | dyad), by_site()))
both("formats_independent", "formats90", two, residual_ind(), heteroscedastic = "format",
  checks = function(x) check_gls(x, NULL, by_format()))
both("formats_role_variances", "formats90", two, residual_diag(), heteroscedastic = "format",
  checks = function(x) check_gls(x, NULL, varComb(by_role(), by_format())))
# Without a ratio, on the same data: what the ratio's test compares with.
both("formats_un_equal", "formats90", two, un, checks = function(x) {
  check_lmer(check_gls(x, roles_of_dyad(), by_role()), "(0 + role | dyad)")
}, reml = list(kr = TRUE, contrasts = effects))

teams <- residual_cs(unit = "team")
in_team <- function() corCompSymm(form = ~ 1 | team)
both("teams_cs", "teams35", "y ~ own + others", teams,
  checks = function(x) check_lmer(check_gls(x, in_team()), "(1 | team)"),
  reml = list(kr = TRUE, contrasts = list(effects = pick(list(2, 3), 3))))
both("teams_cs_size", "teams35", "y ~ own + others + size", teams,
  checks = function(x) check_lmer(check_gls(x, in_team()), "(1 | team)"), reml = list(kr = TRUE))
# The intraclass correlation is negative: lmer cannot say it, gls can.
both("teams_negative_cs", "teams_negative40", "y ~ own + others", teams,
  checks = function(x) check_gls(x, in_team()),
  reml = list(kr = TRUE, contrasts = list(effects = pick(list(2, 3), 3))))
both("teams_negative_empty", "teams_negative40", "y ~ 1", teams,
  checks = function(x) check_gls(x, in_team()), reml = list(kr = TRUE))
both("teams_negative_formats", "teams_negative40", "y ~ own + others", teams, heteroscedastic = "format",
  checks = function(x) check_gls(x, in_team(), by_format()))
both("teams_independent", "teams35", "y ~ own + others", residual_ind("team"), checks = check_lm)

write_family(
  "residual", "Dense likelihood (mixed/dense.R), compared with nlme::gls, and lme4 where it can say the model."
)
