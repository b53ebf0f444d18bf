package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobState.Name;
import io.trainyard.job.Task;
import io.trainyard.job.WaitingJobs;
import io.trainyard.store.database.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The queues of the pools. Jobs are sorted by their due time and id; the due time is that of {@link
 * JobSchedule}, and stored with the job.
 */
@Component
final class JobQueue implements WaitingJobs {
  private static final Logger log = LoggerFactory.getLogger(JobQueue.class);

  /** A job that is due later than this was not put there by a clock that is right. */
  private static final Duration LATEST = Duration.ofHours(1);

  private final JdbcClient jdbc;
  private final JobSchedule schedule;
  private final JobEventLog events;
  private final int capacity;
  private final Duration latest;

  JobQueue(JdbcClient jdbc, JobSchedule schedule, JobEventLog events, JobProperties properties) {
    this.jdbc = jdbc;
    this.schedule = schedule;
    this.events = events;
    this.capacity = properties.queueCapacity();
    Duration retry = properties.retryPause().plusMinutes(1);
    this.latest = retry.compareTo(LATEST) > 0 ? retry : LATEST;
  }

  /** The number that the next job of a caller has among its unfinished ones. */
  int nextNumber(@Nullable String owner) {
    return owner == null
        ? 0
        : 1
            + jdbc.sql(
                    "select count(*) from jobs"
                        + " where owner = :owner and state in (:unfinished) and kind <> :sweep")
                .param("owner", owner)
                .param("unfinished", JobRows.UNFINISHED)
                .param("sweep", Task.Sweep.KIND)
                .query(Integer.class)
                .single();
  }

  /** Adds a job in the caller's transaction, and wakes a worker after the commit. */
  void add(Job job, Instant due) {
    schedule.add(job.id(), job.task().placement().pool(), due);
  }

  /**
   * The position that a new job will have, from 1.
   *
   * @throws ServiceException QUEUE_FULL when the pool has no room for it
   */
  int requireRoom(Job job, Instant due) {
    String pool = job.task().placement().pool();
    int waiting = depth(pool);
    if (waiting >= capacity) {
      throw new ServiceException(
          ErrorCode.QUEUE_FULL, "The queue of pool '" + pool + "' is full (" + waiting + " jobs)");
    }
    // A new job has few or no jobs behind it, so they are faster to count than those before it.
    return waiting - countBehind(pool, job, due) + 1;
  }

  private int depth(String pool) {
    return jdbc.sql(
            "select count(*) from jobs"
                + " where state = :queued and pool = :pool and trial is null")
        .param("queued", Name.QUEUED.word())
        .param("pool", pool)
        .query(Integer.class)
        .single();
  }

  private int countBehind(String pool, Job job, Instant due) {
    return jdbc.sql(
            "select count(*) from jobs where state = :queued and pool = :pool and trial is null"
                + " and due_at >= :due"
                + " and (due_at > :due or id > :id)")
        .param("queued", Name.QUEUED.word())
        .param("pool", pool)
        .param("due", Timestamps.time(due))
        .param("id", job.id())
        .query(Integer.class)
        .single();
  }

  /** The position of a queued job, from 1. */
  int position(Job job) {
    return positions(List.of(job)).getOrDefault(job.id(), 1);
  }

  /** Counts each queued job only once. */
  @Override
  public Map<String, Integer> positions(Collection<Job> queued) {
    Map<String, Integer> positions = new HashMap<>();
    queued.stream()
        .collect(Collectors.groupingBy(job -> job.task().placement().pool()))
        .forEach((pool, jobs) -> addPositions(pool, jobs, positions));
    return positions;
  }

  private void addPositions(String pool, List<Job> jobs, Map<String, Integer> positions) {
    List<Place> inOrder = places(jobs);
    int position = 1;
    Place before = null;
    for (Place place : inOrder) {
      position += countBetween(pool, before, place);
      positions.put(place.id(), position);
      before = place;
    }
  }

  /** Where a job stands. */
  private record Place(String id, OffsetDateTime due) {}

  private List<Place> places(List<Job> jobs) {
    return jdbc.sql("select id, due_at from jobs where id in (:ids) order by due_at, id")
        .param("ids", jobs.stream().map(Job::id).toList())
        .query(
            (row, _) ->
                new Place(row.getString("id"), Timestamps.time(Timestamps.instant(row, "due_at"))))
        .list();
  }

  /** Counts the queued jobs from one place, or from the head of the queue, up to another. */
  private int countBetween(String pool, @Nullable Place from, Place to) {
    String upTo =
        "select count(*) from jobs where state = :queued and pool = :pool and trial is null"
            + " and due_at <= :end"
            + " and (due_at < :end or id < :to)";
    JdbcClient.StatementSpec count =
        from == null
            ? jdbc.sql(upTo)
            : jdbc.sql(upTo + " and due_at >= :begin and (due_at > :begin or id >= :from)")
                .param("begin", from.due())
                .param("from", from.id());
    return count
        .param("queued", Name.QUEUED.word())
        .param("pool", pool)
        .param("end", to.due())
        .param("to", to.id())
        .query(Integer.class)
        .single();
  }

  /** When a job is due as stored, which may be later than when it was submitted. */
  Optional<Instant> storedDue(String id) {
    return jdbc.sql("select due_at from jobs where id = :id")
        .param("id", id)
        .query((row, _) -> Timestamps.instant(row, "due_at"))
        .optional();
  }

  /** Those that a worker has picked and not given back. */
  @Override
  public Set<String> holdingSlots(Collection<Job> jobs) {
    if (jobs.isEmpty()) {
      return Set.of();
    }
    return new HashSet<>(
        jdbc.sql(
                "select task_instance from scheduled_tasks"
                    + " where task_instance in (:ids) and picked = true")
            .param("ids", jobs.stream().map(Job::id).toList())
            .query(String.class)
            .list());
  }

  @Override
  public Map<String, Retry> retries(Collection<Job> queued) {
    Map<String, Instant> times = retryTimes(queued);
    Map<String, String> reasons = events.lastMessages(times.keySet());
    Map<String, Retry> retries = new HashMap<>();
    times.forEach((job, at) -> retries.put(job, new Retry(at, reasons.getOrDefault(job, ""))));
    return retries;
  }

  /** When jobs that wait after a temporary fault are tried again, by id. */
  private Map<String, Instant> retryTimes(Collection<Job> jobs) {
    Map<String, Instant> retries = new HashMap<>();
    if (!jobs.isEmpty()) {
      jdbc.sql(
              "select t.task_instance, t.execution_time from scheduled_tasks t"
                  + " join jobs j on j.id = t.task_instance where t.task_instance in (:ids)"
                  + " and t.picked = false and t.execution_time > j.due_at and j.attempt > 0")
          .param("ids", jobs.stream().map(Job::id).toList())
          .query(
              row -> {
                retries.put(
                    row.getString("task_instance"), Timestamps.instant(row, "execution_time"));
              });
    }
    return retries;
  }

  boolean isPickedByAnother(String id, String worker) {
    return jdbc.sql(
                "select count(*) from scheduled_tasks"
                    + " where task_instance = :id and picked = true and picked_by <> :worker")
            .param("id", id)
            .param("worker", worker)
            .query(Integer.class)
            .single()
        > 0;
  }

  /**
   * Adds every unfinished job that is not in its queue; there is none unless a row was lost. Jobs
   * that are due far in the future, because the clock was ahead when they came and has been set
   * back, become due as if they came now, in their order.
   */
  void repair(Instant now) {
    addLost();
    bringBack(now);
  }

  private void addLost() {
    jdbc.sql(
            "select id, pool, due_at from jobs where state in (:unfinished) and trial is null"
                + " and not exists"
                + " (select 1 from scheduled_tasks t where t.task_instance = jobs.id)")
        .param("unfinished", JobRows.UNFINISHED)
        .query(
            row -> {
              String id = row.getString("id");
              log.warn("Job {} was not in its queue", id);
              schedule.add(id, row.getString("pool"), Timestamps.instant(row, "due_at"));
            });
  }

  private void bringBack(Instant now) {
    List<String> ahead =
        jdbc.sql(
                "select task_instance from scheduled_tasks"
                    + " where execution_time > :latest and picked = :free"
                    + " and task_instance in (select id from jobs where state in (:unfinished))"
                    + " order by execution_time, task_instance")
            .param("latest", Timestamps.time(now.plus(latest)))
            .param("free", false)
            .param("unfinished", JobRows.UNFINISHED)
            .query(String.class)
            .list();
    Instant due = now.minus(JobSchedule.HEAD_START);
    for (String id : ahead) {
      due = due.plus(1, ChronoUnit.MICROS);
      int moved =
          jdbc.sql(
                  "update scheduled_tasks set execution_time = :due, version = version + 1"
                      + " where task_instance = :id and picked = :free")
              .param("due", Timestamps.time(due))
              .param("id", id)
              .param("free", false)
              .update();
      if (moved > 0) {
        log.warn("Job {} was due in the future: the clock has been set back", id);
        jdbc.sql("update jobs set due_at = :due where id = :id")
            .param("due", Timestamps.time(due))
            .param("id", id)
            .update();
      }
    }
  }
}
