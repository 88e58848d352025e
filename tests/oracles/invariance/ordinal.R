# Ladders of ordered items: WLSMV, theta parameterisation, steps in the order of Wu & Estabrook (2016).
#
# configural: residual variances 1, latent response intercepts 0, factor means 0 and variances 1 in
# every place.  Equal thresholds free the second place's residual variances and intercepts; equal
# loadings its factor's variance; equal intercepts (0) its factor's mean.  "thresholds and loadings
# at once" as commonly done is the model of the step intercepts, against configural.

ordered_steps <- c(
  "configural", "thresholds", "loadings", "intercepts", "residuals", "variances", "means"
)
cuts_of <- 1:3
# What a place has at a step; `value(first, later)` writes one coefficient per group, or per place.
ordered_places <- function(places, step) {
  reached <- match(step, ordered_steps)
  from <- function(kind) reached >= match(kind, ordered_steps)
  out <- character(0)
  for (k in seq_along(places)) {
    f <- names(places)[k]
    y <- places[[k]]
    i <- seq_along(y)
    loose <- k > 1
    out <- c(
      out,
      paste(f, "=~", paste0("NA*", y, if (from("loadings")) paste0(" + l", i, "*", y), collapse = " + ")),
      vapply(i, function(j) paste(y[j], "|", paste0(
        if (from("thresholds")) paste0("h", j, cuts_of, "*"), "t", cuts_of, collapse = " + "
      )), ""),
      paste0(y, " ~~ ", if (loose && from("thresholds") && !from("residuals")) "NA*" else "1*", y),
      paste0(y, " ~ ", if (loose && from("thresholds") && !from("intercepts")) "NA*" else "0*", "1"),
      paste0(f, " ~~ ", if (loose && from("loadings") && !from("variances")) "NA*" else "1*", f),
      paste0(f, " ~ ", if (loose && from("intercepts") && !from("means")) "NA*" else "0*", "1")
    )
  }
  lines(out, paste(names(places)[1], "~~", names(places)[2]), paste(places[[1]], "~~", places[[2]]))
}
ordered_groups <- function(y, step) {
  reached <- match(step, ordered_steps)
  from <- function(kind) reached >= match(kind, ordered_steps)
  same <- function(label) sprintf("c(%s, %s)*", label, label)
  second <- function(first, freed, held) {
    sprintf("c(%d, %s)*", first, if (from(freed) && !from(held)) "NA" else first)
  }
  i <- seq_along(y)
  lines(
    paste("f =~", paste0("NA*", y, if (from("loadings")) paste0(" + ", same(paste0("l", i)), y),
      collapse = " + ")),
    vapply(i, function(j) paste(y[j], "|", paste0(
      if (from("thresholds")) same(paste0("h", j, cuts_of)), "t", cuts_of, collapse = " + "
    )), ""),
    paste0(y, " ~~ ", second(1, "thresholds", "residuals"), y),
    paste0(y, " ~ ", second(0, "thresholds", "intercepts"), "1"),
    paste0("f ~~ ", second(1, "loadings", "variances"), "f"),
    paste0("f ~ ", second(0, "intercepts", "means"), "1")
  )
}
estimators$wlsmv <- list(estimator = "WLSMV", parameterization = "theta")
ordered_step <- function(name, syntax, data, items, ...) {
  fitted_step(name, syntax, data, "wlsmv", auto = "lavaan", ordered = items, ...)
  check_gradient(fits[[name]]$fit, fits[[name]]$solution, name)
}
ordered_comparisons <- function(key) {
  for (k in seq_along(ordered_steps)[-1]) compared(key(ordered_steps[k]), key(ordered_steps[k - 1]))
  compared(key("intercepts"), key("configural"))
  compared(key("residuals"), key("configural"))
}
ordered_fit <- list(m = paste0(letters[1:4], "_m"), d = paste0(letters[1:4], "_d"))
names(ordered_fit) <- c("f_m", "f_d")
key <- function(step) paste0("ordered_roles_wlsmv_", step)
for (step in ordered_steps) {
  ordered_step(key(step), ordered_places(ordered_fit, step), "ordered_roles", unlist(ordered_fit, use.names = FALSE))
}
ordered_comparisons(key)
items <- paste0(letters[1:5], "_x")
key <- function(step) paste0("ordered_groups_wlsmv_", step)
for (step in ordered_steps) {
  ordered_step(key(step), ordered_groups(items, step), "ordered_groups", items, group = "arm")
}
ordered_comparisons(key)
# lavaan's own way of the same.
fitted_step(key("by_group_equal"), paste("f =~", paste(items, collapse = " + ")), "ordered_groups",
  "wlsmv", auto = "cfa", group = "arm", std_lv = TRUE, ordered = items,
  group_equal = c("thresholds", "loadings"))
same_chisq(key("intercepts"), key("by_group_equal"))
