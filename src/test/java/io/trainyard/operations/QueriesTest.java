package io.trainyard.operations;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueriesTest {
  @Test
  void namesOfMetricsAreFound() {
    assertThat(
            Queries.metrics(
                "histogram_quantile(0.99, sum by (pool, le) (rate(a_bucket{x=~\"b|c\"}[30m]))) >"
                    + " 1"))
        .containsExactly("a_bucket");
    assertThat(Queries.metrics("max by (pool) (depth) > 0 and on (pool) sum(busy) == 0"))
        .containsExactly("busy", "depth");
    assertThat(Queries.metrics("a / on () group_left () (b + sum(c{d=\"e\"})) or vector(0)"))
        .containsExactly("a", "b", "c");
    assertThat(Queries.metrics("count(count by (version) (info{job=~\"$job\"}))"))
        .containsExactly("info");
  }
}
