# Latent interactions by products of indicators, double mean centred (semTools::indProd).

products <- list()
keep_product <- function(name, from, frame, columns) {
  datasets[[name]] <<- frame
  products[[length(products) + 1L]] <<- list(
    name = name, from = from, columns = I(columns), values = lapply(columns, function(v) frame[[v]]),
    means = colMeans(frame[columns], na.rm = TRUE)
  )
}
for (from in c("product", "product_gaps")) {
  s <- paste0("s", 1:3)
  r <- paste0("r", 1:3)
  k <- paste0(s, ".", r)
  every <- paste0(rep(s, each = 3), ".", r)
  keep_product(paste0(from, "_matched"), from,
    semTools::indProd(datasets[[from]], s, r, match = TRUE, doubleMC = TRUE), k)
  keep_product(paste0(from, "_unmatched"), from,
    semTools::indProd(datasets[[from]], s, r, match = FALSE, doubleMC = TRUE), every)
  # By hand: centre, multiply (missing where either is), centre again.
  centred <- function(v) v - mean(v, na.rm = TRUE)
  x <- datasets[[from]]
  for (a in s) for (b in r) {
    ours <- centred(centred(x[[a]]) * centred(x[[b]]))
    stopifnot(all.equal(datasets[[paste0(from, "_unmatched")]][[paste0(a, ".", b)]], ours,
      tolerance = 1e-14))
  }
}
base <- lines("s =~ s1 + s2 + s3", "r =~ r1 + r2 + r3", "k =~ k1 + k2 + k3")
matched <- lines(base, "sr =~ s1.r1 + s2.r2 + s3.r3", "k ~ s + r + b*sr")
shared <- function(a, b) {  # residuals of products that share an indicator
  pairs <- utils::combn(as.vector(outer(a, b, paste, sep = ".")), 2)
  parts <- function(v, k) vapply(strsplit(v, ".", fixed = TRUE), `[`, "", k)
  one <- parts(pairs[1, ], 1) == parts(pairs[2, ], 1) | parts(pairs[1, ], 2) == parts(pairs[2, ], 2)
  paste(pairs[1, one], "~~", pairs[2, one])
}
unmatched <- lines(
  base, paste("sr =~", paste0(rep(paste0("s", 1:3), each = 3), ".r", 1:3, collapse = " + ")),
  "k ~ s + r + b*sr", shared(paste0("s", 1:3), paste0("r", 1:3))
)
reference("product_matched", matched, "product_matched", estimator = "MLR", meanstructure = TRUE)
reference("product_matched_zero", lines(matched, "s ~~ 0*sr", "r ~~ 0*sr"), "product_matched",
  estimator = "MLR", meanstructure = TRUE)
reference("product_unmatched", unmatched, "product_unmatched", estimator = "MLR",
  meanstructure = TRUE, vcov = FALSE,
  warns = "means of all nine products are the covariances of s and r: the scores depend linearly")
reference("product_matched_fiml", matched, "product_gaps_matched", estimator = "MLR",
  missing = "fiml")

# Simple slopes b1 + b3 * m at latent moderator values, with errors by the delta method from vcov.
slopes <- lapply(models, function(model) {
  fit <- fits[[model$name]]$fit
  b <- coef(fit)
  v <- models[[model$name]]$vcov
  if (is.null(v)) v <- lavTech(fit, "vcov")
  at <- sqrt(lavInspect(fit, "cov.lv")["r", "r"]) * c(-1, 0, 1)
  pick <- match(c("k~s", "b"), names(b))
  list(
    model = model$name, moderator = "r", at = at, slope = b[pick[1]] + at * b[pick[2]],
    std_error = sqrt(v[pick[1], pick[1]] + 2 * at * v[pick[1], pick[2]] +
      at^2 * v[pick[2], pick[2]])
  )
})
write_family(
  "interactions",
  paste(
    "products: values of the product indicators that semTools::indProd adds (dataset `from` is in",
    "data.json; matched or all pairs, doubleMC, unrounded); models as in robust.json, whose dataset",
    "is named as the products; slopes: b1 + b3 m at m = -1, 0, 1 standard deviations of the latent",
    "moderator (held fixed), by the delta method."
  ),
  models, products = products, slopes = slopes
)
