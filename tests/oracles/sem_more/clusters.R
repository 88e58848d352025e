# Clustered observations and sampling weights.

items <- lines("m =~ m1 + m2 + m3", "n =~ n1 + n2 + n3")
outcome <- lines(items, "n ~ m", "end ~ n + size")
paths <- lines("n1 ~ a*m1 + size", "end ~ b*n1 + c*m1", "indirect := a*b")
strong <- c("loadings", "intercepts")
clustered <- function(name, syntax = items, data = "nested", ...) {
  reference(name, syntax, data, cluster = "coach", ...)
}
clustered("cluster_cfa", auto = "cfa", estimator = "MLR", moments = TRUE)
clustered("cluster_cfa_default", auto = "cfa",
  warns = "observed.information is set to h1 for this test")
clustered("cluster_sem_fixed_x", outcome, estimator = "MLR")
clustered("cluster_path_random_x", paths, estimator = "MLR", fixed_x = FALSE)
clustered("cluster_equal", lines("m =~ l*m1 + l*m2 + l*m3", "n =~ n1 + n2 + n3"), auto = "cfa",
  estimator = "MLR", std_lv = TRUE)
clustered("cluster_groups", auto = "cfa", estimator = "MLR", group = "region")
clustered("cluster_groups_intercepts", auto = "cfa", estimator = "MLR", group = "region",
  group_equal = strong)
clustered("cluster_fiml", data = "nested_mar", auto = "cfa", estimator = "MLR", missing = "fiml",
  moments = TRUE)
clustered("cluster_fiml_path", paths, data = "nested_mar", estimator = "MLR", missing = "fiml",
  fixed_x = FALSE)
clustered("cluster_fiml_groups", data = "nested_mar", auto = "cfa", estimator = "MLR",
  missing = "fiml", group = "region", group_equal = "loadings")
clustered("cluster_mlm", auto = "cfa", estimator = "MLM")

weighted <- function(name, syntax = items, data = "nested", ...) {
  reference(name, syntax, data, sampling_weights = "weight", ...)
}
weighted("weights_cfa", auto = "cfa", estimator = "MLR", moments = TRUE)
weighted("weights_cfa_default", auto = "cfa")
weighted("weights_sem_fixed_x", outcome, estimator = "MLR")
weighted("weights_path_random_x", paths, estimator = "MLR", fixed_x = FALSE)
weighted("weights_equal", lines("m =~ l*m1 + l*m2 + l*m3", "n =~ n1 + n2 + n3"), auto = "cfa",
  estimator = "MLR", std_lv = TRUE)
weighted("weights_groups", auto = "cfa", estimator = "MLR", group = "region", moments = TRUE)
weighted("weights_groups_intercepts", auto = "cfa", estimator = "MLR", group = "region",
  group_equal = strong)
weighted("weights_groups_normalized_by_group", auto = "cfa", estimator = "MLR", group = "region",
  more = list(sampling.weights.normalization = "group"))
weighted("weights_not_normalized", auto = "cfa", estimator = "MLR",
  more = list(sampling.weights.normalization = "none"))
weighted("weights_fiml", data = "nested_mar", auto = "cfa", estimator = "MLR", missing = "fiml",
  moments = TRUE)
weighted("weights_fiml_groups", data = "nested_mar", auto = "cfa", estimator = "MLR",
  missing = "fiml", group = "region")
weighted("weights_cluster", auto = "cfa", estimator = "MLR", cluster = "coach")

write_family(
  "clusters",
  paste(
    "lavaan with cluster = (robust.cluster, yuan.bentler.mplus) or sampling.weights = (MLR);",
    "polished. Otherwise as robust.json; options beyond those of the Python function in `more`."
  ),
  models
)
