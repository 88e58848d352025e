# Random intercepts and slopes: mentors with many developees, dyads in teams, dyads over time.

pick <- function(rows, p) t(vapply(rows, function(r) replace(numeric(p), abs(r), sign(r)), numeric(p)))
two <- "y ~ 0 + role + role:act + role:par"
trend <- "y ~ 0 + role + role:day + role:act + role:par"
effects <- list(equal_effects = pick(list(c(3, -4), c(5, -6)), 6))
changes <- list(equal_change = pick(list(c(3, -4)), 8), no_change = pick(list(3, 4), 8))
daily <- c("dyad", "day")

# One with many, one side's answers.
mentor <- term("~ 1", "mentor")
slopes <- term("~ 1 + own", "mentor")
one_side <- residual_ind("mentor")
one_side_model <- "y ~ own + experience"
both("mentor_intercept", "mentees30", one_side_model, one_side, random = list(mentor), blup = TRUE,
  checks = function(x) check_tmb(check_lme(check_lmer(x, "(1 | mentor)"), list(mentor = ~ 1)), "(1 | mentor)", "~ 1"),
  reml = list(kr = TRUE, contrasts = list(effects = pick(list(2, 3), 3))))
both("mentor_slope", "mentees30", one_side_model, one_side, random = list(slopes), blup = TRUE,
  checks = function(x) check_lmer(x, "(1 + own | mentor)"),
  reml = list(kr = TRUE, contrasts = list(effects = pick(list(2, 3), 3))))
both("mentor_slope_diagonal", "mentees30", one_side_model, one_side,
  random = list(term("~ 1 + own", "mentor", "diagonal")),
  checks = function(x) check_lmer(x, "(1 | mentor) + (0 + own | mentor)"), reml = list(kr = TRUE))

# One with many, both sides' answers.
sides <- term("~ 0 + role", "mentor")
pair_un <- residual_un(unit = "pair")
pairs_in_mentor <- "(0 + role | mentor) + (0 + role | pair)"
for (data in c("reciprocal30", "reciprocal_gaps28")) {
  both(paste0("sides_", data), data, two, pair_un, random = list(sides), cluster = "mentor", blup = TRUE,
    checks = function(x) {
      x <- check_lmer(x, pairs_in_mentor)
      x <- check_lme(x, list(mentor = ~ 0 + role), corSymm(form = ~ as.integer(role) | mentor / pair),
        varIdent(form = ~ 1 | role))
      check_tmb(x, "us(0 + role | mentor) + us(0 + role | pair)")
    }, reml = list(kr = TRUE, contrasts = effects))
  both(paste0("sides_empty_", data), data, "y ~ 0 + role", pair_un, random = list(sides), cluster = "mentor",
    checks = function(x) check_lmer(x, pairs_in_mentor), reml = list(kr = TRUE))
}
both("sides_diagonal_reciprocal30", "reciprocal30", two, pair_un, cluster = "mentor",
  random = list(term("~ 0 + role", "mentor", "diagonal")), checks = function(x) {
    x$problem$frame$m <- (x$problem$frame$role == "mentor") + 0
    x$problem$frame$d <- 1 - x$problem$frame$m
    check_lmer(x, "(0 + m | mentor) + (0 + d | mentor) + (0 + role | pair)")
  }, reml = list(kr = TRUE))

# Dyads in teams.
both("team_intercept", "team_dyads", two, residual_un(), random = list(term("~ 1", "team")), cluster = "team",
  blup = TRUE, checks = function(x) check_lmer(x, "(1 | team) + (0 + role | dyad)"),
  reml = list(kr = TRUE, contrasts = effects))
both("team_roles", "team_dyads", two, residual_un(), random = list(term("~ 0 + role", "team")), cluster = "team",
  checks = function(x) check_lmer(x, "(0 + role | team) + (0 + role | dyad)"),
  reml = list(kr = TRUE, contrasts = effects))

# Dyads over time.
roles <- term("~ 0 + role", "dyad")
growth <- term("~ 0 + role + role:day", "dyad")
same_day <- "(0 + role | dyad:day)"
both("weeks_levels", "weeks40", trend, residual_un(unit = daily), random = list(roles), cluster = "dyad",
  blup = TRUE, checks = function(x) check_tmb(
    check_lmer(x, paste("(0 + role | dyad) +", same_day)), "us(0 + role | dyad) + us(0 + role | dyad:day)"
  ), reml = list(kr = TRUE, contrasts = changes))
both("weeks_growth", "weeks40", trend, residual_un(unit = daily), random = list(growth), cluster = "dyad",
  blup = TRUE, checks = function(x) check_lmer(x, paste("(0 + role + role:day | dyad) +", same_day)),
  reml = list(kr = TRUE, contrasts = changes))
both("weeks_growth_diagonal", "weeks40", trend, residual_un(unit = daily), cluster = "dyad",
  random = list(term("~ 0 + role + role:day", "dyad", "diagonal")), checks = function(x) {
    f <- x$problem$frame
    x$problem$frame$b <- (f$role == "coach") + 0
    x$problem$frame$a <- (f$role == "client") + 0
    x$problem$frame$bd <- (f$role == "coach") * f$day
    x$problem$frame$ad <- (f$role == "client") * f$day
    check_lmer(x, paste("(0 + a | dyad) + (0 + b | dyad) + (0 + ad | dyad) + (0 + bd | dyad) +", same_day))
  }, reml = list(kr = TRUE))
both("weeks_two_terms", "weeks40", trend, residual_un(unit = daily), cluster = "dyad",
  random = list(roles, term("~ 0 + day", "dyad")),
  checks = function(x) check_lmer(x, paste("(0 + role | dyad) + (0 + day | dyad) +", same_day)),
  reml = list(kr = TRUE))

# Interchangeable members: [[A, B], [B, A]].
signed <- function(x) {
  x$problem$frame$sign <- ifelse(grepl("a$", x$problem$frame$person), 1, -1)
  x
}
swap <- function(formula) term(formula, "dyad", "exchangeable", person = "person")
both("peer_levels", "peer_weeks40", "y ~ day + act + par", residual_cs(unit = daily), cluster = "dyad",
  random = list(swap("~ 1")), blup = TRUE, checks = function(x) check_lmer(
    signed(x), "(1 | dyad) + (0 + sign | dyad) + (1 | dyad:day) + (0 + sign | dyad:day)"
  ), reml = list(kr = TRUE, contrasts = list(effects = pick(list(3, 4), 4))))
both("peer_growth", "peer_weeks40", "y ~ day + act + par", residual_cs(unit = daily), cluster = "dyad",
  random = list(swap("~ 1 + day")), blup = TRUE, checks = function(x) check_lmer(
    signed(x), "(1 + day | dyad) + (0 + sign + sign:day | dyad) + (1 | dyad:day) + (0 + sign | dyad:day)"
  ), reml = list(kr = TRUE, contrasts = list(effects = pick(list(3, 4), 4))))

# Three levels: days in dyads in teams.
both("three_levels", "team_weeks", trend, residual_un(unit = daily), cluster = "team", blup = TRUE,
  random = list(term("~ 1", "team"), roles),
  checks = function(x) check_lmer(x, paste("(1 | team) + (0 + role | dyad) +", same_day)),
  reml = list(kr = TRUE, contrasts = changes))
both("three_levels_intercepts", "team_weeks", trend, residual_ind("team"), cluster = "team",
  random = list(term("~ 1", "team"), term("~ 1", "dyad")),
  checks = function(x) check_lme(check_lmer(x, "(1 | team) + (1 | dyad)"), list(team = ~ 1, dyad = ~ 1)),
  reml = list(kr = TRUE))

# On the boundary: a variance of 0 (rank 0), a correlation of 1 (rank 1).
both("zero_variance", "mentees_alike22", one_side_model, one_side,
  random = list(term("~ 1", "mentor", rank = 0)), checks = function(x) check_lmer(x, "(1 | mentor)"),
  reml = list(kr = TRUE, contrasts = list(effects = pick(list(2, 3), 3))))
both("perfect_correlation", "weeks_together14", "y ~ 0 + role + role:act", residual_un(unit = daily),
  random = list(term("~ 0 + role", "dyad", rank = 1)), cluster = "dyad", blup = TRUE,
  checks = function(x) check_lmer(x, paste("(0 + role | dyad) +", same_day)),
  reml = list(kr = TRUE, contrasts = list(effects = pick(list(3, 4), 4))))

write_family(
  "random", paste(
    "Dense likelihood (mixed/dense.R), compared with lme4, lmerTest, pbkrtest, nlme::lme, glmmTMB. A term's",
    "`rank`: the maximum is on the boundary, at a matrix of that rank."
  )
)
