package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProblemTest {
  /** Callers rely on these: a code never changes its status. */
  @Test
  void everyCodeHasItsStatus() {
    Map<Integer, List<String>> codes =
        Stream.of(ErrorCode.values())
            .collect(
                Collectors.groupingBy(
                    Problem::status,
                    TreeMap::new,
                    Collectors.mapping(ErrorCode::code, Collectors.toList())));
    assertThat(codes)
        .isEqualTo(
            Map.ofEntries(
                Map.entry(400, List.of("malformed_request", "malformed_body", "invalid_parameter")),
                Map.entry(
                    404,
                    List.of(
                        "route_not_found",
                        "dataset_not_found",
                        "sample_not_found",
                        "model_not_found",
                        "version_not_found",
                        "alias_not_found",
                        "tensor_not_found",
                        "job_not_found",
                        "evaluation_not_found",
                        "sweep_not_found",
                        "schema_not_found",
                        "key_not_found")),
                Map.entry(401, List.of("unauthenticated")),
                Map.entry(403, List.of("forbidden", "cross_site")),
                Map.entry(429, List.of("rate_limited", "quota_exceeded")),
                Map.entry(405, List.of("method_not_allowed")),
                Map.entry(406, List.of("not_acceptable")),
                Map.entry(408, List.of("slow_body")),
                Map.entry(409, List.of("already_exists", "in_use", "not_finished", "conflict")),
                Map.entry(412, List.of("precondition_failed")),
                Map.entry(413, List.of("body_too_large")),
                Map.entry(415, List.of("unsupported_media_type")),
                Map.entry(421, List.of("wrong_host")),
                Map.entry(
                    422,
                    List.of(
                        "invalid_body",
                        "invalid_rows",
                        "idempotency_key_reused",
                        "no_targets",
                        "too_much_memory",
                        "weights_mismatch",
                        "not_exportable",
                        "not_answerable",
                        "non_finite_loss",
                        "time_limit",
                        "worker_crashed")),
                Map.entry(500, List.of("worker_lost", "corrupt_file", "internal")),
                Map.entry(503, List.of("queue_full", "loading", "unavailable", "out_of_memory"))));
  }
}
