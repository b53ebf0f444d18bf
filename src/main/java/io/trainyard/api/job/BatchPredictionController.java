package io.trainyard.api.job;

import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.idempotency.Created;
import io.trainyard.job.Job;
import io.trainyard.job.JobService;
import io.trainyard.job.prediction.PredictionCheck;
import java.net.URI;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Submits batch predictions, which are jobs from then on. */
@RestController
record BatchPredictionController(PredictionCheck check, JobService jobs) {
  @TakesIdempotencyKey(creates = Created.Kind.JOB)
  @PostMapping("/v1/batch-predictions")
  ResponseEntity<JobView> submit(@RequestBody JsonNode body) {
    Job job = check.submit(body);
    return ResponseEntity.accepted()
        .location(URI.create("/v1/jobs/" + job.id()))
        .body(JobView.of(job, jobs.queuePosition(job)));
  }
}
