# Tests between and within models: likelihood ratio (scaled), Wald, score, modification indices, Vuong.

tests <- list()
add_test <- function(kind, ...) {
  tests[[length(tests) + 1L]] <<- list(kind = kind, ...)
}
of <- function(name) fits[[name]]$fit
columns_json <- function(frame) lapply(as.list(as.data.frame(unclass(frame))), I)

ratio <- function(names, method = "default", ..., A.method = NULL, scaled.shifted = NULL) {
  args <- c(unname(lapply(names, of)), list(method = method), filled(list(
    A.method = A.method, scaled.shifted = scaled.shifted
  )))
  found <- suppressWarnings(do.call(lavTestLRT, args))  # (a difference of 0 in tests is said aloud)
  by <- order(match(rownames(found), rownames(found)))
  df <- found$Df[by]
  sorted <- names[order(vapply(names, function(n) of(n)@test[[1]]$df, 0))]
  result <- list(models = I(sorted), method = method, df = df, chisq = found$Chisq,
    difference = found[["Chisq diff"]], df_difference = found[["Df diff"]],
    pvalue = found[["Pr(>Chisq)"]], a_method = A.method, scaled_shifted = scaled.shifted, ...)
  do.call(add_test, c(list(kind = "likelihood_ratio"), filled(result)))
}
wald <- function(name, constraints) {
  found <- lavTestWald(of(name), constraints = constraints)
  add_test("wald", model = name, tested = I(strsplit(constraints, "\n")[[1]]),
    stat = found$stat, df = found$df, pvalue = found$p.value)
}
score <- function(name, ...) {
  given <- list(...)
  found <- lavTestScore(of(name), epc = TRUE, warn = FALSE, ...)
  epc <- as.data.frame(found$epc)
  keep <- intersect(
    c("lhs", "op", "rhs", "group", "free", "label", "est", "epc", "epv", "sepc.lv", "sepc.all",
      "sepc.nox"), names(epc)
  )
  add_test("score", model = name, arguments = given, total = columns_json(found$test),
    univariate = columns_json(found$uni), epc = columns_json(epc[keep]))
}
indices <- function(name, ...) {
  found <- modindices(of(name), ...)
  add_test("modification_indices", model = name, arguments = list(...), table = columns_json(found))
}

two <- lines("trust =~ t1 + t2 + t3", "learn =~ l1 + l2 + l3")
grouped <- function(name, equal = NULL, data = "programmes", ...) reference(
  name, two, data, auto = "cfa", group = "programme", group_equal = equal, ..., vcov = FALSE,
  standardise = FALSE
)
# Likelihood ratios.
grouped("ml_configural")
grouped("ml_loadings", "loadings")
grouped("ml_intercepts", c("loadings", "intercepts"))
ratio(c("ml_configural", "ml_loadings", "ml_intercepts"))
grouped("fiml_configural", data = "programmes_mar", missing = "fiml")
grouped("fiml_loadings", "loadings", "programmes_mar", missing = "fiml")
ratio(c("fiml_configural", "fiml_loadings"))

items <- lines("p =~ p1 + p2 + p3", "q =~ q1 + q2 + q3")
skewed <- function(name, syntax = items, data = "skewed", ...) reference(
  name, syntax, data, auto = "cfa", ..., vcov = FALSE, standardise = FALSE
)
for (estimator in c("MLR", "MLM")) {
  key <- tolower(estimator)
  skewed(paste0(key, "_free"), estimator = estimator)
  skewed(paste0(key, "_tau"), lines("p =~ p1 + 1*p2 + 1*p3", "q =~ q1 + q2 + q3"),
    estimator = estimator)
  skewed(paste0(key, "_orthogonal"),
    lines("p =~ p1 + 1*p2 + 1*p3", "q =~ q1 + q2 + q3", "p ~~ 0*q"), estimator = estimator)
  skewed(paste0(key, "_configural"), group = "arm", estimator = estimator)
  skewed(paste0(key, "_loadings"), group = "arm", group_equal = "loadings", estimator = estimator)
  skewed(paste0(key, "_intercepts"), group = "arm", group_equal = c("loadings", "intercepts"),
    estimator = estimator)
  single <- paste0(key, c("_free", "_tau", "_orthogonal"))
  several <- paste0(key, c("_configural", "_loadings", "_intercepts"))
  for (set in list(single, several)) {
    ratio(set, "satorra.bentler.2001")
    ratio(set[1:2], "satorra.bentler.2010")
    ratio(set[2:3], "satorra.bentler.2010")
  }
  # (Without incomplete data.)  The scaled difference of Satorra (2000), exact and by derivatives.
  for (a in c("exact", "delta")) {
    ratio(several[1:2], "satorra.2000", A.method = a, scaled.shifted = FALSE)
    ratio(several[1:2], "satorra.2000", A.method = a, scaled.shifted = TRUE)
  }
}
skewed("mlr_fiml_configural", data = "skewed_mar", group = "arm", missing = "fiml",
  estimator = "MLR")
skewed("mlr_fiml_loadings", data = "skewed_mar", group = "arm", missing = "fiml", estimator = "MLR",
  group_equal = "loadings")
ratio(c("mlr_fiml_configural", "mlr_fiml_loadings"), "satorra.bentler.2001")
ratio(c("mlr_fiml_configural", "mlr_fiml_loadings"), "satorra.bentler.2010")

# Wald tests of constraints on labels.
labelled <- lines(
  "p =~ p1 + a*p2 + b*p3", "q =~ q1 + c*q2 + d*q3", "q ~ e*p + f*age", "out ~ g*p + h*q + k*age",
  "ind := e*h"
)
for (estimator in c("ML", "MLR", "MLM")) {
  key <- paste0("wald_", tolower(estimator))
  reference(key, labelled, "skewed", estimator = estimator)
  wald(key, "a == b")
  wald(key, "a == b\nc == d")
  wald(key, "e*h == 0.2")
  wald(key, "g == h\nk == 0\nf == 0")
}
reference("wald_fiml", labelled, "skewed_mar", estimator = "MLR", missing = "fiml",
  fixed_x = FALSE)
wald("wald_fiml", "a == b\ng == h")
grouped_path <- lines("q1 ~ c(a1, a2)*p1 + c(d, d)*age", "out ~ c(b1, b2)*q1 + age")
reference("wald_groups", grouped_path, "skewed", group = "arm", estimator = "MLR")
wald("wald_groups", "a1 == a2\nb1 == b2")
wald("wald_groups", "a1*b1 == a2*b2")

# Score tests: releasing equality constraints, adding parameters.
score("ml_loadings")
score("ml_intercepts")
score("ml_loadings", release = 1:2)
score("ml_intercepts", release = c(1, 5, 6))
score("ml_intercepts", information = "observed")
score("ml_intercepts", add = lines("t1 ~~ l1", "t2 ~~ t3"))
score("fiml_loadings")
score("mlr_loadings")
skewed("ml_free", estimator = "ML")
score("ml_free", add = "p =~ q2")
score("ml_free", add = lines("p =~ q2", "p1 ~~ q1", "p2 ~~ q2"))
skewed("ml_tau", lines("p =~ l*p1 + l*p2 + l*p3", "q =~ q1 + q2 + q3", "p2 ~~ e*p2", "p3 ~~ e*p3"),
  std_lv = TRUE)
score("ml_tau")
score("ml_tau", add = "p =~ q2")

# Modification indices.
indices("ml_free")
indices("ml_free", information = "observed")
indices("ml_free", free.remove = FALSE)
indices("ml_tau")
indices("ml_loadings")
indices("ml_intercepts")
indices("fiml_loadings")
indices("mlr_free")
indices("mlr_fiml_configural")
indices("wald_ml")
reference("mi_path", lines("q1 ~ p1", "out ~ q1 + age", "p1 ~ age"), "skewed", vcov = FALSE)
indices("mi_path")
reference("mi_path_random_x", lines("q1 ~ p1", "out ~ q1 + age", "p1 ~ age"), "skewed",
  fixed_x = FALSE, vcov = FALSE)
indices("mi_path_random_x")

# Vuong's tests of models that need not be nested, by their formulas: A is n times the inverse of vcov,
# B and the covariances between models the mean products of scores (Vuong 1989, Merkle et al. 2016).
imhof_upper <- function(q, weights) {
  # P(sum w_k chi2_1 > q); Imhof (1961).
  f <- function(u) {
    wu <- outer(u, weights)
    theta <- rowSums(atan(wu)) / 2 - q * u / 2
    rho <- exp(rowSums(log1p(wu^2)) / 4)
    sin(theta) / (u * rho)
  }
  cut <- 50 / max(abs(weights))
  parts <- seq(0, cut, length.out = 400)
  total <- sum(mapply(function(a, b) integrate(f, a, b, rel.tol = 1e-10)$value, parts[-400], parts[-1]))
  k <- 1
  repeat {  # the tail, until it adds nothing
    more <- integrate(f, cut * k, cut * (k + 1), rel.tol = 1e-8, abs.tol = 1e-14,
      subdivisions = 2000)$value
    total <- total + more
    k <- k + 1
    if (k > 400 || 1 / (cut * k * exp(sum(log1p((cut * k * weights)^2)) / 4)) < 1e-13) break
  }
  0.5 + total / pi
}
vuong <- function(first, second, nested = FALSE) {
  one <- of(first)
  two <- of(second)
  n <- lavInspect(one, "ntotal")
  l <- lavInspect(one, "loglik.casewise") - lavInspect(two, "loglik.casewise")
  if (is.list(l)) l <- unlist(l)
  omega <- mean(l^2) - mean(l)^2
  a <- lapply(list(one, two), function(f) solve(n * lavTech(f, "vcov")))
  s <- lapply(list(one, two), function(f) unname(lavScores(f)))
  b <- function(i, j) crossprod(s[[i]], s[[j]]) / n
  w <- rbind(
    cbind(-b(1, 1) %*% solve(a[[1]]), -b(1, 2) %*% solve(a[[2]])),
    cbind(b(2, 1) %*% solve(a[[1]]), b(2, 2) %*% solve(a[[2]]))
  )
  lambda <- Re(eigen(w, only.values = TRUE)$values)
  npar <- vapply(list(one, two), function(f) f@optim$npar, 0)
  z <- sum(l) / sqrt(n * omega)
  penalty <- diff(npar)
  width <- qnorm(0.975) * sqrt(4 * n * omega)
  aic <- AIC(one) - AIC(two)
  bic <- BIC(one) - BIC(two)
  add_test(
    "vuong", models = I(c(first, second)), casewise_first = as.numeric(lavInspect(one, "loglik.casewise")),
    casewise_second = as.numeric(lavInspect(two, "loglik.casewise")), omega2 = omega,
    eigenvalues = sort(lambda), distinguishable_stat = n * omega,
    distinguishable_pvalue = imhof_upper(n * omega, lambda^2),
    z = z, pvalue_first_better = pnorm(z, lower.tail = FALSE), pvalue_second_better = pnorm(z),
    aic_difference = aic, aic_interval = aic + c(-1, 1) * width,
    bic_difference = bic, bic_interval = bic + c(-1, 1) * width
  )
}
reference("vuong_first", lines("q1 ~ p1", "out ~ q1"), "skewed", fixed_x = FALSE,
  meanstructure = TRUE, standardise = FALSE)
reference("vuong_second", lines("q1 ~ p1", "out ~ p1", "q1 ~~ 0*out"), "skewed", fixed_x = FALSE,
  meanstructure = TRUE, standardise = FALSE)
vuong("vuong_first", "vuong_second")
for (extra in c("q2 ~~ p3", "p1 ~~ q1")) {
  skewed(paste0("vuong_", sub(" ~~ ", "_", extra)), lines(items, extra), meanstructure = TRUE)
}
vuong("vuong_q2_p3", "vuong_p1_q1")

write_family(
  "tests",
  paste(
    "models: those that the tests are about, polished. tests: likelihood_ratio (lavTestLRT; first",
    "row has no difference), wald (lavTestWald), score (lavTestScore with epc), modification_indices",
    "(modindices), vuong (by formula from casewise log-likelihoods and scores)."
  ),
  models, tests = tests
)
