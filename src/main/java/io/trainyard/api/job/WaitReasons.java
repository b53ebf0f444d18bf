package io.trainyard.api.job;

import io.trainyard.api.service.ServiceStatus;
import io.trainyard.job.HeldJobs;
import io.trainyard.job.Job;
import io.trainyard.job.JobService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Says why queued jobs do not start. */
@Component
record WaitReasons(JobService jobs, ServiceStatus status, HeldJobs held) {
  private static final String PAUSED =
      "an administrator: a restore has paused it, and POST /v1/jobs:resume lets it run";

  /**
   * The reasons in words, by the ids of queued jobs; all wait for the files of their rows.
   *
   * @param positions in the queue, by id
   */
  Map<String, String> of(List<Job> found, Map<String, Integer> positions) {
    Map<String, String> waits = new HashMap<>(jobs.waits(found, positions));
    status.outages().stream()
        .filter(outage -> outage.part().equals(ServiceStatus.OBJECT_STORE))
        .forEach(outage -> waits.replaceAll((_, _) -> outage.detail()));
    held.held(List.copyOf(waits.keySet())).forEach(id -> waits.put(id, PAUSED));
    return waits;
  }
}
