package io.trainyard.store.job;

import io.trainyard.access.Identity;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.frame.Frame;
import io.trainyard.label.Placed;
import io.trainyard.store.database.Json;
import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Jobs in the database that all processes share: each change is one transaction. */
@Component
record JdbcJobStore(
    JdbcClient jdbc,
    JobTransitions transitions,
    JobAdmission admission,
    JobEndings endings,
    JobFrames frames)
    implements JobStore {
  private static final int CHUNK = 500;

  @Override
  public void submit(Job job, @Nullable JsonNode model) {
    admission.submit(job, List.of(), model);
  }

  @Override
  public Optional<Job> find(String id) {
    return jdbc.sql("select " + JobRows.COLUMNS + " from jobs where id = :id")
        .param("id", id)
        .query(JobRows::read)
        .optional();
  }

  /** In the order of the filter, at most {@code limit} that the caller may see. */
  @Override
  public List<Placed<Job>> page(JobFilter filter, int limit) {
    Identity caller = Identity.current();
    JobLists lists = new JobLists(jdbc);
    List<Placed<Job>> visible = new ArrayList<>();
    JobFilter rest = filter;
    int wanted = limit;
    while (true) {
      List<Placed<Job>> found = lists.page(rest, wanted);
      found.stream()
          .filter(placed -> placed.item().isVisibleTo(caller))
          .limit(limit - visible.size())
          .forEach(visible::add);
      if (found.size() < wanted || visible.size() == limit) {
        return visible;
      }
      rest = rest.before(found.getLast().cursor());
      wanted = Math.max(limit, CHUNK); // there may be many that the caller may not see
    }
  }

  @Override
  public List<EpochRecord> epochs(String id, int after, int limit) {
    return jdbc
        .sql(
            """
            select measures from job_metrics%s and epoch > :after
            order by epoch fetch first %d rows only
            """
                .formatted(KeptRecords.OF_JOB, limit))
        .param("job", id)
        .param("after", after)
        .query(String.class)
        .list()
        .stream()
        .map(text -> StoredMeasurements.epoch(Json.read(text)))
        .toList();
  }

  @Override
  public List<Frame> frames(String id, int after, int limit) {
    return frames.page(id, after, limit);
  }

  @Override
  public Optional<String> evaluation(String id) {
    return jdbc.sql("select evaluation from job_evaluations where job_id = :job")
        .param("job", id)
        .query(String.class)
        .optional();
  }

  @Override
  public boolean cancel(Job seen, ProgressReport report) {
    return transitions.change(() -> endings.finish(seen, new JobState.Cancelled(), report));
  }

  @Override
  public boolean requestStop(Job seen) {
    return endings.requestStop(seen);
  }

  @Override
  public boolean delete(String id) {
    return transitions.change(() -> endings.delete(id));
  }
}
