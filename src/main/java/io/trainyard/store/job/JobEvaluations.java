package io.trainyard.store.job;

import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The evaluations of succeeded jobs. They go with their jobs. */
@Component
record JobEvaluations(JdbcClient jdbc) {
  /** Joins the caller's transaction. */
  void insert(String job, String evaluation) {
    jdbc.sql("insert into job_evaluations (job_id, evaluation) values (:job, :evaluation)")
        .param("job", job)
        .param("evaluation", evaluation)
        .update();
  }

  Optional<String> find(String job) {
    return jdbc.sql("select evaluation from job_evaluations where job_id = :job")
        .param("job", job)
        .query(String.class)
        .optional();
  }
}
