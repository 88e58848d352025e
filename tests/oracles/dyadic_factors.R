# Reference values for factor models of one scale answered by both members (dyadkit.measurement), with
# the corrected fit of exchangeable members, on simulated pairs.
#
# Run by `make oracles` as `Rscript tests/oracles/dyadic_factors.R`; writes dyadic_factors.json.  Needs
# the packages jsonlite and lavaan (on Debian: r-cran-jsonlite r-cran-lavaan).

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

set.seed(71, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
n <- 260
dyad <- rnorm(n)
own <- cbind(rnorm(n), rnorm(n))
# Loadings on the dyad's and on the own factor are not proportional, or a bifactor model had no
# single solution.
member <- function(k) {
  outer(dyad, c(0.9, 0.3, 0.6, 0.5)) + outer(own[, k], c(0.4, 0.8, 0.5, 0.7)) +
    matrix(rnorm(4 * n, 0, 0.6), n)
}
same <- matrix(rnorm(4 * n, 0, 0.3), n)
d <- as.data.frame(round(cbind(member(1) + same, member(2) + same + 0.2) + 4, 3))
names(d) <- c(paste0("q", 1:4, "_1"), paste0("q", 1:4, "_2"))
a <- paste0("q", 1:4, "_1")
b <- paste0("q", 1:4, "_2")
plus <- function(v) paste(v, collapse = " + ")
residuals <- paste(a, "~~", b)
equal <- c(
  paste0(a, " ~ i", 1:4, "*1"), paste0(b, " ~ i", 1:4, "*1"),
  paste0(a, " ~~ e", 1:4, "*", a), paste0(b, " ~~ e", 1:4, "*", b)
)
l <- function(v, letter = "l") paste0(letter, 1:4, "*", v)
models <- list(
  correlated = c(paste("f1 =~", plus(a)), paste("f2 =~", plus(b)), "f1 ~~ f2", residuals),
  one_factor = c(paste("dyad =~", plus(c(a, b))), residuals),
  bifactor = c(paste("f1 =~", plus(a)), paste("f2 =~", plus(b)), paste("dyad =~", plus(c(a, b))),
               "dyad ~~ 0*f1 + 0*f2", "f1 ~~ 0*f2", residuals),
  correlated_alike = c(paste("f1 =~", plus(l(a))), paste("f2 =~", plus(l(b))), "f1 ~~ f2",
                       residuals, equal),
  one_factor_alike = c(paste("dyad =~", plus(c(l(a), l(b)))), residuals, equal),
  bifactor_alike = c(paste("f1 =~", plus(l(a))), paste("f2 =~", plus(l(b))),
                     paste("dyad =~", plus(c(l(a, "g"), l(b, "g")))),
                     "dyad ~~ 0*f1 + 0*f2", "f1 ~~ 0*f2", residuals, equal)
)
fitted <- function(syntax, ...) {
  cfa(paste(syntax, collapse = "\n"), d, meanstructure = TRUE, ...)
}
fits <- lapply(models, fitted, std.lv = TRUE)
found <- lapply(fits, function(fit) {
  as.list(fitMeasures(fit, c("chisq", "df", "cfi", "tli", "rmsea", "srmr", "aic")))
})

# What path diagrams show, and the correlations of residuals.  The members' factors have a marker
# below a factor of the dyad, whose two loadings are equal.
below <- c(paste("f1 =~", plus(a)), paste("f2 =~", plus(b)))
below_alike <- c(paste("f1 =~", plus(c(a[1], l(a)[-1]))), paste("f2 =~", plus(c(b[1], l(b)[-1]))))
above <- c("dyad =~ NA*f1 + h*f1 + h*f2", "dyad ~~ 1*dyad", residuals)
fits$hierarchical <- fitted(c(below, above))
fits$hierarchical_alike <- fitted(c(below_alike, above, "f1 ~~ v*f1 + 0*f2", "f2 ~~ v*f2", equal))
standardised <- lapply(fits, function(fit) {
  s <- standardizedSolution(fit)
  s <- s[s$op == "=~" | (s$op == "~~" & s$lhs != s$rhs), ]
  as.list(setNames(s$est.std, paste(s$lhs, s$op, s$rhs)))
})

# I-SAT and I-NULL: 8 variables, exchanged in pairs.
pairs <- combn(4, 2)
isat <- c(
  paste0("q", 1:4, "_1 ~ m", 1:4, "*1"), paste0("q", 1:4, "_2 ~ m", 1:4, "*1"),
  paste0("q", 1:4, "_1 ~~ v", 1:4, "*q", 1:4, "_1"), paste0("q", 1:4, "_2 ~~ v", 1:4, "*q", 1:4, "_2"),
  residuals,
  apply(pairs, 2, function(p) {
    within <- paste0("w", p[1], p[2])
    across <- paste0("b", p[1], p[2])
    paste(
      paste0("q", p[1], "_1 ~~ ", within, "*q", p[2], "_1"),
      paste0("q", p[1], "_2 ~~ ", within, "*q", p[2], "_2"),
      paste0("q", p[1], "_1 ~~ ", across, "*q", p[2], "_2"),
      paste0("q", p[1], "_2 ~~ ", across, "*q", p[2], "_1"), sep = "\n"
    )
  })
)
free <- function(syntax) {
  fit <- lavaan(paste(syntax, collapse = "\n"), d, meanstructure = TRUE)
  as.list(fitMeasures(fit, c("chisq", "df")))
}
i_sat <- free(isat)
i_null <- free(c(isat[1:16]))
corrected <- lapply(found[grepl("alike", names(found))], function(m) {
  chisq <- m$chisq - i_sat$chisq
  df <- m$df - i_sat$df
  null <- i_null$chisq - i_sat$chisq
  null_df <- i_null$df - i_sat$df
  over <- max(chisq - df, 0)
  list(chisq = chisq, df = df, p_value = pchisq(chisq, df, lower.tail = FALSE),
       cfi = 1 - over / max(null - null_df, over),
       tli = (null / null_df - chisq / df) / (null / null_df - 1),
       rmsea = sqrt(over / (df * n)))
})
write_json(
  list(made_by = paste(R.version.string, "lavaan", packageVersion("lavaan")), data = as.list(d),
       models = found, standardised = standardised, isat = i_sat, inull = i_null, corrected = corrected),
  file.path(here, "dyadic_factors.json"), digits = 15, auto_unbox = TRUE
)
