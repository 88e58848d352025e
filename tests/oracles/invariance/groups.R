# Ladders across two and three groups, by lavaan's group.equal.

equalities <- c("loadings", "intercepts", "residuals", "lv.variances", "means")
across_groups <- function(family, data, estimator) {
  key <- function(...) paste(c(family, estimator, ...), collapse = "_")
  syntax <- "f =~ a_x + b_x + c_x + d_x + e_x"
  fit_step <- function(name, step, ..., std_lv = TRUE) {
    fitted_step(name, syntax, data, estimator, auto = "cfa", group = "arm", std_lv = std_lv,
      group_equal = if (step > 1) equalities[seq_len(step - 1)], ...)
  }
  for (k in seq_along(steps)) {
    fit_step(key(steps[k]), k)
    if (estimator == "ml") {
      fit_step(key(steps[k], "marker"), k, std_lv = FALSE)
      same_chisq(key(steps[k]), key(steps[k], "marker"))
    }
    if (k > 1) compared(key(steps[k]), key(steps[k - 1]))
  }
  if (!grepl("mlr", estimator)) {
    for (kind in c("loadings", "intercepts", "residuals")) score_items(key(kind), kind)
  }
  written <- function(freed) c(
    sprintf("f =~ %s_x", letters[freed$loadings]), sprintf("%s_x ~ 1", letters[freed$intercepts])
  )
  release <- function(step, freed, full = FALSE) {
    free_item(key(steps[step]), freed, syntax, data, estimator, full = full, auto = "cfa",
      group = "arm", std_lv = TRUE, group_equal = equalities[seq_len(step - 1)],
      group_partial = written(freed))
  }
  for (item in 1:5) {
    release(2, list(loadings = item))
    release(3, list(intercepts = item))
  }
  release(3, list(loadings = 3, intercepts = c(3, 4)), full = TRUE)
  if (grepl("mlr", estimator)) return()  # the same estimates
  frame <- datasets[[data]]
  groups <- unique(frame$arm)
  stopifnot(groups == fits[[key("configural")]]$fit@Data@group.label)
  of <- function(name, g, i) {
    e <- estimate_in(name)
    y <- paste0(letters[i], "_x")
    list(loading = e("f", "=~", y, g), intercept = e(y, "~1", "", g), mean = e("f", "~1", "", g),
      variance = e("f", "~~", "f", g))
  }
  for (item in 1:5) {
    name <- release(3, list(loadings = item, intercepts = item), full = TRUE)
    for (g in seq_along(groups)[-1]) {
      values <- lapply(c(1, g), function(j) frame[[paste0(letters[item], "_x")]][frame$arm == groups[j]])
      add_size(name, item, groups[g], "partial", list(of(name, 1, item), of(name, g, item)), values)
      configural <- key("configural")
      add_size(configural, item, groups[g], "configural", list(
        on_marker(of(configural, 1, item), of(configural, 1, 1)),
        on_marker(of(configural, g, item), of(configural, g, 1))
      ), values)
    }
    models[[name]] <<- NULL
  }
}
for (family in c("programmes", "three")) for (estimator in names(estimators)) {
  across_groups(family, if (grepl("fiml", estimator)) paste0(family, "_mar") else family, estimator)
}
