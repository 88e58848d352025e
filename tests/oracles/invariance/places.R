# Ladders in one dyadic model: across roles, across waves, across both.

named <- function(places) {
  setNames(lapply(places, function(p) paste0(letters[1:4], "_", p)), paste0("f_", places))
}
families <- list(
  roles = named(c("m", "d")), waves = named(1:3), both = named(c("m1", "d1", "m2", "d2"))
)
for (family in names(families)) {
  places <- families[[family]]
  for (estimator in names(estimators)) {
    data <- if (grepl("fiml", estimator)) paste0(family, "_mar") else family
    climb(family, places, data, estimator, marker = estimator == "ml")
    key <- function(step) paste(family, estimator, step, sep = "_")
    if (!grepl("mlr", estimator)) {
      for (kind in c("loadings", "intercepts", "residuals")) score_items(key(kind), kind)
    }
    if (family != "roles" && estimator != "ml") next
    for (kind in c("loadings", "intercepts")) for (item in 1:4) {
      freed <- setNames(list(item), kind)
      free_item(key(kind), freed, ladder_model(places, kind, freed), data, estimator, auto = "lavaan")
    }
    # Partial invariance as planted: kept as models, at this step and the next.
    partial <- list(roles = list(loadings = 3, intercepts = c(3, 4)), waves = list(intercepts = 2),
      both = list(loadings = 3, intercepts = c(3, 4)))[[family]]
    free_item(key("intercepts"), partial, ladder_model(places, "intercepts", partial), data,
      estimator, full = TRUE, auto = "lavaan")
    if (grepl("mlr", estimator)) next  # the same estimates
    # Each item's size, its loading and intercept free and the others equal.
    parameters_in <- function(name, f, column) {
      e <- estimate_in(name)
      list(loading = e(f, "=~", column), intercept = e(column, "~1", ""), mean = e(f, "~1", ""),
        variance = e(f, "~~", f))
    }
    for (item in 1:4) {
      freed <- list(loadings = item, intercepts = item)
      name <- free_item(key("intercepts"), freed, ladder_model(places, "intercepts", freed), data,
        estimator, full = TRUE, auto = "lavaan")
      of <- function(name, k, i) parameters_in(name, names(places)[k], places[[k]][i])
      for (k in seq_along(places)[-1]) {
        values <- lapply(c(1, k), function(j) datasets[[data]][[places[[j]][item]]])
        add_size(name, item, names(places)[k], "partial", list(of(name, 1, item), of(name, k, item)),
          values)
        configural <- key("configural")
        add_size(configural, item, names(places)[k], "configural", list(
          on_marker(of(configural, 1, item), of(configural, 1, 1)),
          on_marker(of(configural, k, item), of(configural, k, 1))
        ), values)
      }
      models[[name]] <- NULL
    }
  }
}
