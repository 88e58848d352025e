# Actor-partner models of complete and one-sided dyads.

two <- "y ~ 0 + role + role:act + role:par"
interaction_coded <- "y ~ role * (act + par)"
full <- "y ~ 0 + role + role:act + role:par + role:age + months"
moderated <- "y ~ 0 + role + role:act + role:par + role:format + role:act:format + role:par:format"
un <- residual_un()
cs <- residual_cs()
pick <- function(rows, p) t(vapply(rows, function(r) replace(numeric(p), abs(r), sign(r)), numeric(p)))
# Of `two`: actor and partner effects equal across roles; all effects zero.
two_contrasts <- list(
  equal_effects = pick(list(c(3, -4), c(5, -6)), 6), no_effects = pick(list(3, 4, 5, 6), 6)
)
check_un <- function(x) {
  x <- check_gls(x, corSymm(form = ~ as.integer(role) | dyad), varIdent(form = ~ 1 | role))
  check_lmer(x, "(0 + role | dyad)")
}
check_cs <- function(x) {
  x <- check_gls(x, corCompSymm(form = ~ 1 | dyad))
  x$problem$frame$sign <- ifelse(x$problem$frame$member == "one", 1, -1)
  check_lmer(x, "(1 | dyad) + (0 + sign | dyad)")
}
for (data in c("pairs60", "pairs148", "negative50", "one_sided80", "small12")) {
  both(paste0("two_intercept_", data), data, two, un, checks = function(x) {
    check_tmb(check_un(x), "us(0 + role | dyad)")
  }, reml = list(contrasts = two_contrasts, kr = TRUE))
  both(paste0("interaction_", data), data, interaction_coded, un, checks = check_un)
  both(paste0("empty_", data), data, "y ~ 0 + role", un, checks = check_un, reml = list(kr = TRUE))
}
for (data in c("pairs60", "negative50", "one_sided80")) {
  both(paste0("covariates_", data), data, full, un, checks = check_un, reml = list(
    kr = TRUE, contrasts = list(ages = pick(list(8, 9), 9))
  ))
  both(paste0("moderated_", data), data, moderated, un, checks = check_un, reml = list(kr = TRUE,
    contrasts = list(three_way = pick(list(9, 10, 11, 12), 12))))
}
for (data in c("peers70", "peers_negative45")) {
  both(paste0("exchangeable_", data), data, "y ~ act + par", cs, checks = check_cs,
    reml = list(kr = TRUE, contrasts = list(effects = pick(list(2, 3), 3))))
  both(paste0("exchangeable_moderated_", data), data, "y ~ (act + par) * format + age + months", cs,
    checks = check_cs, reml = list(kr = TRUE, contrasts = list(products = pick(list(7, 8), 8))))
  both(paste0("exchangeable_empty_", data), data, "y ~ 1", cs, checks = check_cs, reml = list(kr = TRUE))
}
both("independent_pairs60", "pairs60", two, residual_ind(), checks = check_lm)
both("independent_one_sided80", "one_sided80", interaction_coded, residual_ind(), checks = check_lm)
both("role_variances_pairs60", "pairs60", two, residual_diag(),
  checks = function(x) check_gls(x, NULL, varIdent(form = ~ 1 | role)))

write_family("apim", "Dense likelihood (mixed/dense.R), compared with nlme::gls, lme4, lmerTest, pbkrtest.")
