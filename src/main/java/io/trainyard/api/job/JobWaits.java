package io.trainyard.api.job;

import io.trainyard.api.RequestPlace;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobService;
import io.trainyard.job.event.JobEvents;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Lets callers wait for the end of a job. */
@Component
record JobWaits(JobService jobs, JobEvents events) {
  private static final int MAX_WAIT_SECONDS = 60;

  /** Returns when the job has ended, or after this many seconds. */
  void await(String job, int seconds) {
    if (seconds < 0) {
      throw ServiceException.parameter("wait must be a number of seconds >= 0, was " + seconds);
    }
    Job found = jobs.find(job);
    if (seconds == 0 || found.state().done()) {
      return;
    }
    RequestPlace.giveBack();
    try {
      events.awaitEnd(found, Duration.ofSeconds(Math.min(seconds, MAX_WAIT_SECONDS)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
