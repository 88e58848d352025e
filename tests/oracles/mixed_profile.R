# Profile-likelihood intervals of variances by lme4 (profile, then confint), for the data sets that
# mixed.R has written.  Writes mixed_profile.json.
#
# lme4 interpolates its profiles with splines: the deviance at its ends is off by some 1e-4.
#
# Needs: lme4, jsonlite.

suppressPackageStartupMessages({
  library(lme4)
  library(jsonlite)
})

here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
sets <- fromJSON(file.path(here, "mixed", "data.json"))$datasets

intervals <- function(formula, data) {
  fit <- lmer(formula, data, REML = FALSE, control = lmerControl(
    optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5)))
  profiled <- profile(fit, which = "theta_", signames = FALSE, delta = 0.02)
  ends <- confint(profiled, level = 0.95)
  list(names = rownames(ends), low = unname(ends[, 1]), high = unname(ends[, 2]))
}

found <- list(
  mentor_intercept = intervals(y ~ own + experience + (1 | mentor), as.data.frame(sets$mentees30)),
  mentor_slope = intervals(y ~ own + experience + (1 + own | mentor), as.data.frame(sets$mentees30))
)
about <- list(
  r = R.version.string, lme4 = as.character(packageVersion("lme4")),
  scale = "standard deviations (.sig of random effects, .sigma) and correlations, ML"
)
write_json(list(about = about, intervals = found), file.path(here, "mixed_profile.json"),
  auto_unbox = TRUE, digits = 12, pretty = TRUE)
