# Parameter tables that lavaan makes of our models, for dyadkit.sem.language.partable.
#
# Run by `make oracles` as `Rscript tests/oracles/partables.R`; writes partables.json beside
# itself.  Needs the packages jsonlite and lavaan (on Debian: r-cran-jsonlite r-cran-lavaan).
#
# `free` is lavaan's numbering with one number for all parameters that lavaan holds equal because
# they share a label or because of group.equal, numbered again in order of appearance.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
target <- file.path(dirname(here), "partables.json")

# ---------------------------------------------------------------- lavaan's table for one call

# What cfa(), sem(), growth() and lavaan() pass on to lavaanify().
defaults <- function(auto, std_lv) {
  automatic <- auto != "lavaan"
  list(
    int.ov.free = auto %in% c("sem", "cfa"), int.lv.free = auto == "growth",
    auto.fix.first = automatic && !std_lv, auto.fix.single = automatic, auto.var = automatic,
    auto.cov.lv.x = automatic, auto.cov.y = automatic, auto.th = automatic,
    auto.delta = automatic, auto.efa = automatic
  )
}

table_of <- function(model, auto = "sem", fixed_x = TRUE, std_lv = FALSE, meanstructure = FALSE,
                     int_ov_free = NULL, n_groups = 1L, group_equal = character(0),
                     group_partial = character(0), silent = FALSE) {
  settings <- defaults(auto, std_lv)
  if (!is.null(int_ov_free)) settings$int.ov.free <- int_ov_free
  brings_means <- auto == "growth" || any(c("intercepts", "means") %in% group_equal)
  call <- c(settings, list(
    model = model, fixed.x = fixed_x, std.lv = std_lv,
    meanstructure = meanstructure || brings_means, ngroups = n_groups,
    group.equal = if (length(group_equal)) group_equal else NULL,
    group.partial = if (length(group_partial)) group_partial else NULL
  ))
  # lavaan warns where a written moment makes a predictor random, and of single labels in groups.
  table <- if (silent) suppressWarnings(do.call(lavaanify, call)) else do.call(lavaanify, call)
  shared <- table[table$op == "==" & table$user == 2L, ]
  relations <- table[table$op %in% c(":=", "==", "<", ">") & table$user != 2L, ]
  rows <- table[table$op %in% c("=~", "~", "~~", "~1"), ]
  number <- rows$free
  for (i in seq_len(nrow(shared))) {
    pair <- match(c(shared$lhs[i], shared$rhs[i]), rows$plabel)
    number[number == number[pair[2]]] <- number[pair[1]]
  }
  number <- match(number, unique(number[number > 0]), nomatch = 0L)
  bound <- function(name, none) {
    value <- if (is.null(rows[[name]])) rep(none, nrow(rows)) else rows[[name]]
    value[rows$free == 0] <- none
    ifelse(is.finite(value), value, NA)
  }
  names_of <- function(type) as.list(lavNames(table, type))
  check_call(rows, call, auto)
  options <- list(
    auto = auto, fixed_x = fixed_x, std_lv = std_lv, meanstructure = meanstructure,
    int_ov_free = int_ov_free, n_groups = n_groups, group_equal = as.list(group_equal),
    group_partial = as.list(group_partial)
  )
  defaults <- list(
    auto = "sem", fixed_x = TRUE, std_lv = FALSE, meanstructure = FALSE, n_groups = 1L,
    group_equal = list(), group_partial = list()
  )
  set <- options[!sapply(names(options), function(name) {
    is.null(options[[name]]) || identical(options[[name]], defaults[[name]])
  })]
  digits <- function(flags) paste(as.integer(flags), collapse = "")
  result <- list(
    options = set, rows = as.list(trimws(paste(rows$lhs, rows$op, rows$rhs))),
    free = as.list(number), fixed_or_start = as.list(rows$ustart),
    user = digits(rows$user == 1L), exo = digits(rows$exo == 1L),
    observed = names_of("ov"), latent = names_of("lv"), exogenous = names_of("ov.x"),
    # What coef() calls the first of the rows that share a parameter.
    names = as.list(lavaan:::lav_partable_labels(rows, type = "user")[match(
      seq_len(max(number)), number
    )])
  )
  if (n_groups > 1L) result$group <- as.list(rows$group)
  if (any(nchar(rows$label) > 0)) result$label <- as.list(rows$label)
  for (name in c("lower", "upper")) {
    value <- bound(name, if (name == "lower") -Inf else Inf)
    if (any(!is.na(value))) result[[name]] <- as.list(value)
  }
  if (nrow(relations)) {
    result$relations <- as.list(paste(relations$lhs, relations$op, relations$rhs))
  }
  result
}

# The function that the settings stand for makes the same table of a model to be fitted.  Where
# lavaan cannot start the fit (of moments made up) there is nothing to compare.
checked <- 0L
check_call <- function(rows, call, auto) {
  observed <- lavNames(rows, "ov")
  k <- length(observed)
  cov <- matrix(0.3, k, k, dimnames = list(observed, observed)) + diag(0.7, k)
  mean <- setNames(rep(0.5, k), observed)
  arguments <- list(
    model = call$model, fixed.x = call$fixed.x, std.lv = call$std.lv,
    meanstructure = call$meanstructure, do.fit = FALSE, test = "none", se = "none",
    baseline = FALSE, h1 = FALSE
  )
  # The functions set int.ov.free themselves; lavaan() takes it, and all that they set.
  if (call$int.ov.free != (auto %in% c("sem", "cfa"))) {
    auto <- "lavaan"
    set <- grep("^auto[.]|^int[.]", names(call), value = TRUE)
    arguments <- c(arguments, call[set])
  }
  if (call$ngroups > 1L) {
    arguments$sample.cov <- rep(list(cov), call$ngroups)
    arguments$sample.nobs <- rep(100, call$ngroups)
    arguments$group.equal <- if (is.null(call$group.equal)) "" else call$group.equal
    arguments$group.partial <- if (is.null(call$group.partial)) "" else call$group.partial
  } else {
    arguments <- c(arguments, list(sample.cov = cov, sample.nobs = 100))
  }
  # Sample means would bring intercepts.
  if (any(rows$op == "~1")) {
    arguments$sample.mean <- if (call$ngroups > 1L) rep(list(mean), call$ngroups) else mean
  }
  # It warns of models that are not identified and of the made-up moments.
  fit <- tryCatch(suppressWarnings(do.call(auto, arguments)), error = function(e) NULL)
  if (is.null(fit)) return(invisible())
  checked <<- checked + 1L
  made <- parTable(fit)
  made <- as.data.frame(made)[made$op %in% c("=~", "~", "~~", "~1"), ]
  for (column in c("lhs", "op", "rhs", "group", "free", "label", "exo", "user")) {
    stopifnot(identical(made[[column]], rows[[column]]))
  }
  kept <- rows$exo == 0L
  stopifnot(identical(made$ustart[kept], rows$ustart[kept]))
}

# ---------------------------------------------------------------- models

models <- list(
  regression = "learning ~ trust + support",
  two_outcomes = "learning ~ trust + support\n satisfaction ~ trust",
  chain = "trust ~ support\n learning ~ trust\n satisfaction ~ learning + support",
  feedback = "trust ~ learning + support\n learning ~ trust + effort",
  mediation = "trust ~ a*support\n learning ~ b*trust + c*support\n indirect := a*b\n total := c + indirect",
  apim = "mentor_t2 ~ am*mentor_t1 + pm*developee_t1\n developee_t2 ~ ad*developee_t1 + pd*mentor_t1\n mentor_t2 ~~ developee_t2\n k := pm/am",
  apim_equal = "mentor_t2 ~ a*mentor_t1 + p*developee_t1\n developee_t2 ~ a*developee_t1 + p*mentor_t1\n mentor_t1 ~~ vx*mentor_t1; developee_t1 ~~ vx*developee_t1\n mentor_t1 ~ mx*1; developee_t1 ~ mx*1\n mentor_t2 ~ my*1; developee_t2 ~ my*1\n mentor_t2 ~~ vy*mentor_t2; developee_t2 ~~ vy*developee_t2",
  several_left = "learning + satisfaction ~ trust + support\n mentor + developee ~ 1",
  one_factor = "trust =~ t1 + t2 + t3 + t4",
  two_factors = "trust =~ t1 + t2 + t3\n rapport =~ r1 + r2 + r3",
  shared_indicators = "mentor + developee =~ x1 + x2 + x3",
  cross_loading = "trust =~ t1 + t2 + t3 + r1\n rapport =~ r1 + r2 + r3\n t2 ~~ r2",
  residuals_turned = "mentor =~ m1 + m2 + m3\n developee =~ d1 + d2 + d3\n d1 ~~ m1; d2 ~~ m2 + d3\n developee ~~ mentor",
  freed_first = "trust =~ NA*t1 + l1*t1 + l2*t2 + l3*t3\n trust ~~ 1*trust",
  freed_constraint = "trust =~ NA*t1 + l1*t1 + l2*t2 + l3*t3\n l1 + l2 + l3 == 3",
  labelled_first = "trust =~ l1*t1 + l2*t2 + l3*t3\n l2 > 0; l3 < 2",
  first_shares = "trust =~ l*t1 + l*t2 + t3",
  started_first = "trust =~ start(0.8)*t1 + start(0.7)*t2 + 0.6?t3",
  fixed_zero = "trust =~ 0*t1 + t2 + t3 + -1*t4",
  fixed_arithmetic = "trust =~ 1*t1 + 1/3*t2 + sqrt(2)*t3 + 1e-3*t4 + (1 + 2)*t5 + -2^2*t6",
  bounds = "trust =~ t1 + lower(0)*t2 + upper(1)*t3 + lower(-1)*t4 + upper(2)*t4\n t1 ~~ lower(0)*t1",
  bounds_shared = "trust =~ t1 + lower(0)*t2 + a*t2 + a*t3\n rapport =~ r1 + upper(1)*r2 + b*r2 + upper(3)*r3 + b*r3",
  equal_to = "trust =~ t1 + t2 + equal(\"trust=~t2\")*t3",
  quoted = "trust =~ t1 + \"one\"*t2 + label(\"two\")*t3",
  single_indicator = "trust =~ t1\n learning =~ l1 + l2 + l3\n learning ~ trust",
  single_written = "trust =~ t1\n t1 ~~ 0.2*t1\n learning ~ trust",
  single_shared = "trust =~ t1\n rapport =~ t1 + r2 + r3",
  single_latent = "trust =~ t1 + t2 + t3\n general =~ trust",
  second_order = "f1 =~ x1 + x2 + x3\n f2 =~ x4 + x5 + x6\n f3 =~ x7 + x8 + x9\n general =~ f1 + f2 + f3",
  second_order_before = "general =~ f1 + f2 + f3\n f1 =~ x1 + x2 + x3\n f2 =~ x4 + x5 + x6\n f3 =~ x7 + x8 + x9\n y ~ general",
  bifactor = "general =~ m1 + m2 + m3 + d1 + d2 + d3\n mentor =~ m1 + m2 + m3\n developee =~ d1 + d2 + d3\n general ~~ 0*mentor + 0*developee\n mentor ~~ 0*developee",
  latent_regression = "trust =~ t1 + t2 + t3\n learning =~ l1 + l2 + l3\n rapport =~ r1 + r2\n learning ~ trust + age\n rapport ~ trust",
  latent_chain = "a =~ a1 + a2 + a3; b =~ b1 + b2 + b3; c =~ c1 + c2 + c3\n b ~ a\n c ~ b",
  latent_on_observed = "trust =~ t1 + t2 + t3\n trust ~ age + tenure\n learning ~ trust + age",
  observed_on_latent = "trust =~ t1 + t2 + t3\n learning ~ trust\n satisfaction ~ trust + tenure",
  indicator_predicts = "trust =~ t1 + t2 + t3\n learning ~ t1 + age",
  indicator_outcome = "trust =~ t1 + t2 + t3\n t2 ~ age",
  mimic = "trust =~ t1 + t2 + t3\n trust ~ age\n t3 ~ age",
  latent_outcome_pairs = "a =~ a1 + a2 + a3; b =~ b1 + b2 + b3\n y ~ x; a ~ x; b ~ x; z ~ x",
  covariances_only = "mentor ~~ developee\n mentor ~~ coach\n coach ~~ client",
  covariances_turned = "b ~~ c\n a ~~ b\n d ~ 1",
  variances = "mentor ~~ mentor + developee\n developee ~~ developee",
  means_only = "mentor + developee ~ 1\n mentor ~~ r*developee",
  random_predictor = "learning ~ trust + support + age\n trust ~~ trust",
  random_predictors = "learning ~ trust + support + age\n trust ~~ support",
  random_intercept = "learning ~ trust + support\n trust ~ 1",
  intercepts = "trust =~ t1 + t2 + t3\n t1 ~ 0*1\n t2 ~ m*1; t3 ~ NA*1\n trust ~ 1",
  intercept_terms = "learning ~ 1 + trust\n satisfaction ~ 0 + trust\n rapport ~ i*1 + start(3)*1 + trust",
  phantom = "trust =~ t1 + t2 + t3\n shared =~ 0\n shared ~ trust",
  growth_linear = "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\n s =~ 0*t1 + 1*t2 + 2*t3 + 3*t4",
  growth_predictors = "i =~ 1*t1 + 1*t2 + 1*t3\n s =~ 0*t1 + 1*t2 + 2*t3\n i + s ~ age\n t1 ~ c1; t2 ~ c2; t3 ~ c3",
  growth_dyadic = "im =~ 1*m1 + 1*m2 + 1*m3; sm =~ 0*m1 + 1*m2 + 2*m3\n id =~ 1*d1 + 1*d2 + 1*d3; sd =~ 0*d1 + 1*d2 + 2*d3\n m1 ~~ e*d1; m2 ~~ e*d2; m3 ~~ e*d3\n id ~~ r*im\n sd ~~ im",
  latent_change = "y2 ~ 1*y1\n change =~ 1*y2\n y2 ~ 0*1; y2 ~~ 0*y2\n change ~ 1 + b*y1\n change ~~ change",
  riclpm = "ix =~ 1*x1 + 1*x2 + 1*x3\n iy =~ 1*y1 + 1*y2 + 1*y3\n wx1 =~ 1*x1; wx2 =~ 1*x2; wx3 =~ 1*x3\n wy1 =~ 1*y1; wy2 =~ 1*y2; wy3 =~ 1*y3\n wx2 + wy2 ~ wx1 + wy1\n wx3 + wy3 ~ wx2 + wy2\n wx1 ~~ wy1; wx2 ~~ wy2; wx3 ~~ wy3\n ix ~~ ix + iy; iy ~~ iy\n wx1 ~~ wx1; wx2 ~~ wx2; wx3 ~~ wx3\n wy1 ~~ wy1; wy2 ~~ wy2; wy3 ~~ wy3",
  clpm_equal = "x2 ~ a*x1 + p*y1\n y2 ~ b*y1 + q*x1\n x3 ~ a*x2 + p*y2\n y3 ~ b*y2 + q*x2\n x2 ~~ y2; x3 ~~ y3\n d := p - q",
  common_fate = "trust =~ 1*mt + 1*dt\n learning =~ 1*ml + 1*dl\n mt ~~ ml; dt ~~ dl\n learning ~ b*trust",
  latent_apim = "mx =~ mx1 + l2*mx2 + l3*mx3; dx =~ dx1 + l2*dx2 + l3*dx3\n my =~ my1 + k2*my2; dy =~ dy1 + k2*dy2\n my ~ a*mx + p*dx\n dy ~ a*dx + p*mx\n mx1 ~~ dx1; mx2 ~~ dx2; mx3 ~~ dx3",
  nonlinear = "learning ~ b1*trust + b2*support + b3*age\n b3 == b1*b2\n b1 > 0\n ratio := exp(b1)/(1 + b2^2)",
  continued = "trust =~ t1 +\n   t2\n   + t3 # three items\n\n ! a regression\n learning ~\n   trust",
  dotted = "f.1 =~ x.1_a + x.2_b + .x3\n f.1 ~~ f.1",
  repeated_term = "trust =~ t1 + t2 + start(0.5)*t2 + t3 + b*t2",
  label_with_fixed = "learning ~ a*trust + 0.5*support + a*support",
  zero_covariances = "a =~ a1 + a2 + a3; b =~ b1 + b2 + b3\n a ~~ 0*b\n a1 ~~ 0.3*a1"
)

random_x <- c("random_predictor", "random_predictors", "random_intercept", "apim_equal",
              "means_only", "variances", "covariances_only", "covariances_turned", "latent_change")
cases <- list()
add <- function(name, ...) {
  cases[[length(cases) + 1L]] <<- c(
    list(model = name), table_of(models[[name]], ..., silent = name %in% random_x)
  )
}
for (name in names(models)) {
  add(name)
  add(name, auto = "cfa", meanstructure = TRUE, std_lv = TRUE)
  add(name, auto = "lavaan", meanstructure = TRUE)
  add(name, auto = "sem", fixed_x = FALSE, meanstructure = TRUE, int_ov_free = FALSE)
  add(name, auto = "growth")
}
for (name in c("regression", "two_factors", "riclpm", "growth_linear", "latent_on_observed")) {
  add(name, auto = "lavaan", fixed_x = FALSE, std_lv = TRUE)
  add(name, auto = "growth", int_ov_free = TRUE, std_lv = TRUE, fixed_x = FALSE)
  add(name, auto = "lavaan", int_ov_free = TRUE, meanstructure = TRUE)
}

# ---------------------------------------------------------------- groups

models$groups_fixed <- "trust =~ c(1, 0.5)*t1 + c(NA, 1)*t2 + t3\n learning ~ 0.5*trust"
models$groups_labels <- "learning ~ c(a1, a2)*trust + c(b, b)*support\n a1 == 2*a2\n d := a1 - a2"
models$groups_quoted <- "trust =~ t1 + c(\"l\", \"\")*t2 + t3\n t2 ~~ c(\"e\", NA)*t2"
models$groups_starts <- "trust =~ t1 + start(c(0.5, 0.7))*t2 + lower(0)*t3 + upper(c(1, 2))*t3"
models$groups_one_label <- "learning ~ a*trust + support"
models$groups_first <- "trust =~ c(NA, 1)*t1 + t2 + t3\n trust ~~ c(1, NA)*trust"
models$groups_partly <- "trust =~ t1 + c(\"a\", \"\")*t2 + t3 + t4"
random_x <- c(random_x, "groups_one_label", "bounds_shared")
sets <- list(
  character(0), "loadings", c("loadings", "intercepts"),
  c("loadings", "intercepts", "means"), c("loadings", "intercepts", "residuals"),
  c("loadings", "intercepts", "residuals", "residual.covariances", "lv.variances",
    "lv.covariances", "means", "regressions")
)
for (name in c("two_factors", "cross_loading", "latent_on_observed", "random_predictor",
               "residuals_turned", "groups_quoted", "groups_partly",
               "groups_first", "second_order", "intercepts")) {
  for (equal in sets) {
    # A label for each group is wanted where labels are written.
    random_x <- union(random_x, "intercepts")
    add(name, n_groups = 2L, group_equal = equal, meanstructure = TRUE)
    add(name, auto = "cfa", n_groups = 2L, group_equal = equal, std_lv = TRUE)
  }
}
for (name in c("groups_fixed", "groups_labels", "groups_starts", "groups_one_label")) {
  add(name, n_groups = 2L)
  add(name, n_groups = 2L, auto = "lavaan", meanstructure = TRUE)
}
add("two_factors", n_groups = 3L, group_equal = c("loadings", "intercepts"),
    group_partial = c("trust=~t2", "t3~1", "trust ~~ rapport"), auto = "cfa")
add("two_factors", n_groups = 3L, group_equal = "loadings", group_partial = "rapport=~r3")
add("growth_linear", n_groups = 2L, auto = "growth", group_equal = c("means", "lv.variances"))
add("riclpm", n_groups = 2L, group_equal = "regressions", auto = "lavaan", meanstructure = TRUE)
add("regression", n_groups = 3L, group_equal = c("regressions", "intercepts", "residuals"))

# ---------------------------------------------------------------- written

about <- list(
  command = "Rscript tests/oracles/partables.R",
  r = R.version.string,
  packages = as.list(sapply(
    c("jsonlite", "lavaan"), function(p) as.character(packageVersion(p))
  ))
)
as_json <- function(x) toJSON(x, digits = NA, auto_unbox = TRUE, na = "null")
# A model and a table to each line.
pairs <- paste0("  ", sapply(names(models), function(n) as_json(n)), ": ", sapply(models, as_json))
writeLines(c(
  "{", paste0("\"about\": ", as_json(about), ","),
  "\"models\": {", paste(pairs, collapse = ",\n"), "},",
  "\"cases\": [", paste0("  ", sapply(cases, as_json), collapse = ",\n"), "]", "}"
), target)
stopifnot(checked > 0.8 * length(cases))
cat(length(cases), "tables of", length(models), "models, checked by call:", checked, "\n")
