# What sem_more/ordinal.json leaves out: the covariance matrices of sample statistics, and models of
# mixed variables, of random predictors, with constraints and of growth.
#
# Run by `make oracles` as `Rscript tests/oracles/ordinal_weights.R`; writes ordinal_weights.json
# beside itself, from the data and models in sem_more/.  Needs the packages jsonlite and lavaan (on
# Debian: r-cran-jsonlite r-cran-lavaan).
#
# Matrices are lower triangles, column by column.  Estimates of the further models are where lavaan's
# optimiser stopped, some 1e-4 standard errors from the minimum.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
given <- function(name) {
  read_json(file.path(here, "sem_more", name), simplifyVector = TRUE, simplifyDataFrame = FALSE,
    simplifyMatrix = FALSE)
}
datasets <- lapply(given("data.json")$datasets, as.data.frame)
known <- given("ordinal.json")$models
names(known) <- vapply(known, `[[`, "", "name")

by_group <- function(x) if (is.list(x)) unname(x) else list(x)
statistics_of <- function(fit) {
  list(
    n = I(as.numeric(lavInspect(fit, "nobs"))),
    statistics = lapply(by_group(lavTech(fit, "wls.obs")), as.numeric),
    gamma = lapply(by_group(lavTech(fit, "gamma")), function(m) signif(m[lower.tri(m, TRUE)], 11))
  )
}

# One model of each set of statistics; the statistics themselves stand in ordinal.json.
shared <- list()
for (name in c("wlsmv_cfa", "wlsmv_binary", "wlsmv_sem", "wlsmv_mixed", "wlsmv_groups",
               "wlsmv_panel", "wlsmv_listwise", "wlsmv_pairwise", "wlsmv_empty_cell")) {
  model <- known[[name]]
  options <- model$options
  names(options) <- gsub("_", ".", names(options), fixed = TRUE)
  quietly <- if (is.null(model$warns)) identity else suppressWarnings  # where that is the point
  fit <- quietly(do.call(model$auto, c(
    list(model$syntax, data = datasets[[model$dataset]], do.fit = FALSE), options
  )))
  shared[[name]] <- statistics_of(fit)[c("n", "gamma")]
}

models <- list()
items <- c(paste0("u", 1:3), paste0("v", 1:3))
add <- function(name, syntax, ordered, fun = "sem", data = "likert", ...) {
  fit <- do.call(fun, list(syntax, data = datasets[[data]], ordered = ordered, estimator = "WLSMV",
    conditional.x = FALSE, ...))
  stopifnot(lavInspect(fit, "converged"))
  rows <- parTable(fit)
  rows <- rows[!(rows$op %in% c("==", ":=")), ]
  settings <- list(...)
  names(settings) <- gsub(".", "_", names(settings), fixed = TRUE)
  models[[name]] <<- c(
    list(
      auto = fun, syntax = I(syntax), options = settings, variables = lavNames(fit, "ov"),
      threshold_names = lavNames(fit, "th")
    ),
    statistics_of(fit),
    list(
      parameters = list(
        lhs = rows$lhs, op = rows$op, rhs = rows$rhs, group = rows$group, free = rows$free > 0,
        est = rows$est, se = rows$se
      ),
      fit = as.list(fitMeasures(fit, c("chisq", "df", "chisq.scaled", "chisq.scaling.factor",
        "baseline.df", "baseline.chisq.scaled", "cfi.scaled", "rmsea.scaled", "srmr")))
    )
  )
}
measured <- c("u =~ u1 + u2 + u3", "v =~ v1 + v2 + v3")
mixed <- c("u =~ u1 + u2 + c1", "v =~ c2 + v1 + c3")
held <- c("thresholds", "loadings")
growing <- c(
  "i =~ 1*i1w1 + 1*i1w2 + 1*i1w3", "s =~ 0*i1w1 + 1*i1w2 + 2*i1w3",
  sprintf("i1w%d | a*t1 + b*t2", 1:3), "i ~ 0*1", "s ~ 1"
)
panel <- paste0("i1w", 1:3)
add("growth", growing, panel, "growth", "likert_panel", parameterization = "theta")
add("growth_delta", growing, panel, "growth", "likert_panel")
add("random_predictor", c(measured, "v ~ u + c2", "u ~ c2"), items, fixed.x = FALSE)
add("constraint", c("u =~ a*u1 + NA*u2 + b*u3", "v =~ v1 + c*v2 + v3", "u ~~ 1*u", "a == b + c - 1"),
  items)
add("written_residual", c(measured, "u1 ~~ 0.5*u1", "u1 ~~ u2"), items, parameterization = "theta")
add("ordered_mediator_theta", c(measured, "w ~ v + u1", "u1 ~~ v1"), c(items, "w"),
  parameterization = "theta")
add("continuous_mediator_theta", c("u =~ u1 + u2 + u3", "c1 ~ u", "w ~ c1"),
  c("u1", "u2", "u3", "w"), parameterization = "theta")
add("mixed_groups", mixed, c("u1", "u2", "v1"), "cfa", group = "arm", group.equal = held)
add("mixed_groups_residuals", mixed, c("u1", "u2", "v1"), "cfa", group = "arm",
  group.equal = c(held, "residuals"), parameterization = "theta")
add("groups_means", measured, items, "cfa", group = "arm",
  group.equal = c(held, "means", "lv.variances", "lv.covariances"))
add("groups_unit_variances", measured, items, "cfa", group = "arm", std.lv = TRUE,
  group.equal = held, parameterization = "theta")
add("saturated", c("u1 ~~ u2 + u3", "u2 ~~ u3", "c1 ~~ u1 + u2 + u3"), c("u1", "u2", "u3"))

about <- list(
  command = "Rscript tests/oracles/ordinal_weights.R",
  r = R.version.string, packages = list(lavaan = as.character(packageVersion("lavaan")))
)
write(
  toJSON(list(about = about, shared = shared, models = models), digits = NA, auto_unbox = TRUE),
  file.path(here, "ordinal_weights.json")
)
