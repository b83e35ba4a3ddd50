# The values that SurvivalGoldenTests compares with, by R 4.2 and its package survival 3.5:
#
#   apt-get install r-base-core r-cran-survival
#   cd Tests/EscapeStatisticsTests/Golden && Rscript goldens.R
#
# The data are made here too, so that nothing is typed in.
library(survival)
options(digits = 15)
write <- function(frame, name) write.csv(frame, name, row.names = FALSE, quote = FALSE)

# Times that are known, a third of them censored, with ties.
set.seed(20261126)
n <- 120
time <- round(100 * rweibull(n, 1.4, 1), 1) + 0.1
stop <- round(runif(n, 30, 200), 1)
passages <- data.frame(time = pmin(time, stop), event = as.integer(time <= stop))
write(passages, "passages.csv")
km <- survfit(Surv(time, event) ~ 1, passages, conf.type = "log-log")
kept <- km$n.event > 0
write(data.frame(time = km$time, survival = km$surv, lower = km$lower, upper = km$upper)[kept, ],
      "kaplan-meier.csv")
mean <- summary(km, rmean = 100)$table[c("rmean", "se(rmean)")]
write(data.frame(horizon = 100, mean = mean[1], standardError = mean[2]), "restricted-mean.csv")

# Looked at every now and then: intervals, open ones among them, one known exactly.
m <- 80
hidden <- 50 * rweibull(m, 0.8, 1)
phase <- runif(m, 0, 10)
width <- sample(c(5, 10, 20), m, replace = TRUE)
lower <- pmax(0, floor((hidden - phase) / width) * width + phase)
lower[hidden < phase] <- 0
upper <- ifelse(hidden < phase, phase, lower + width)
end <- ifelse(runif(m) < 0.25, 40, Inf)
censored <- upper > end
lower <- ifelse(censored, pmin(lower, end), lower)
upper <- ifelse(censored, Inf, upper)
lower <- round(lower, 3); upper <- round(upper, 3)
upper[3] <- lower[3] <- 17.25
intervals <- data.frame(lower = lower, upper = upper)
write(intervals, "intervals.csv")
left <- ifelse(lower == 0, NA, lower)
right <- ifelse(is.infinite(upper), NA, upper)
# survfit stops its iteration at changes of 5e-5, so its estimate is compared with to 2e-3 only. Beside it the same
# self-consistent iteration to the end, on all cells between two ends and all points that are known.
turnbull <- survfit(Surv(left, right, type = "interval2") ~ 1)
edges <- sort(unique(c(lower, upper)))
cells <- rbind(data.frame(a = head(edges, -1), b = tail(edges, -1)),
               data.frame(a = lower[lower == upper], b = upper[lower == upper]))
alpha <- outer(seq_len(m), seq_len(nrow(cells)), function(i, j) {
  point <- cells$a[j] == cells$b[j]
  exact <- lower[i] == upper[i]
  ifelse(exact, point & cells$a[j] == lower[i],
         ifelse(point, lower[i] < cells$a[j] & cells$a[j] <= upper[i],
                lower[i] <= cells$a[j] & cells$b[j] <= upper[i]))
}) * 1
p <- rep(1 / nrow(cells), nrow(cells))
for (iteration in 1:400000) {
  next_p <- p * as.vector(crossprod(alpha, 1 / (alpha %*% p))) / m
  change <- max(abs(next_p - p))
  p <- next_p
  if (change < 1e-15) break
}
at <- edges[is.finite(edges)]
exact <- sapply(at, function(t) sum(p[cells$b > t]))
stopifnot(sapply(turnbull$surv, function(s) min(abs(s - c(1, exact)))) < 2e-3)
write(data.frame(time = at, survival = exact), "turnbull.csv")
write(data.frame(logLikelihood = sum(log(alpha %*% p)), iterations = iteration), "turnbull-likelihood.csv")

# survreg: ln t = intercept + x slope + scale * extreme value; a Weibull law of shape 1/scale.
row <- function(name, fit) {
  b <- coef(fit)
  data.frame(fit = name, intercept = b[1], slope = if (length(b) > 1) b[2] else NA,
             second = if (length(b) > 2) b[3] else NA, shape = 1 / fit$scale,
             logLikelihood = fit$loglik[2])
}
control <- survreg.control(maxiter = 200, rel.tolerance = 1e-13)
weibull <- survreg(Surv(time, event) ~ 1, passages, dist = "weibull", control = control)
exponential <- survreg(Surv(time, event) ~ 1, passages, dist = "exponential", control = control)
interval <- survreg(Surv(left, right, type = "interval2") ~ 1, dist = "weibull", control = control)

# A ladder of five noise levels, the last mostly censored, every third run known to an interval.
x <- rep(c(20, 25, 30, 35, 40), each = 40)
truth <- rexp(200, exp(-(-1 + 0.15 * x)))
cap <- 150
a <- ifelse(truth > cap, cap, truth)
b <- ifelse(truth > cap, Inf, truth)
seen <- seq_along(x) %% 3 == 0 & truth <= cap
a[seen] <- floor(truth[seen] / 2) * 2
b[seen] <- a[seen] + 2
ladder <- data.frame(x = x, lower = signif(a, 8), upper = signif(b, 8))
write(ladder, "ladder.csv")
l <- ifelse(ladder$lower == 0, NA, ladder$lower)
r <- ifelse(is.infinite(ladder$upper), NA, ladder$upper)
response <- Surv(l, r, type = "interval2")
arrhenius <- survreg(response ~ x, ladder, dist = "weibull", control = control)
power <- survreg(response ~ log(x), ladder, dist = "weibull", control = control)
both <- survreg(response ~ x + log(x), ladder, dist = "weibull", control = control)
constant <- survreg(response ~ 1, ladder, dist = "weibull", control = control)
fits <- rbind(row("weibull", weibull), row("exponential", exponential), row("interval", interval),
              row("arrhenius", arrhenius), row("power", power), row("both", both),
              row("constant", constant))
write(fits, "fits.csv")

# The profile of the slope: where twice the loss of ln L is the chi-squared quantile.
loss <- function(slope) {
  held <- survreg(response ~ 1 + offset(slope * x), ladder, dist = "weibull", control = control)
  2 * (arrhenius$loglik[2] - held$loglik[2]) - qchisq(0.95, 1)
}
best <- coef(arrhenius)[2]
write(data.frame(lower = uniroot(loss, c(best - 0.1, best), tol = 1e-12)$root,
                 upper = uniroot(loss, c(best, best + 0.1), tol = 1e-12)$root), "slope.csv")
