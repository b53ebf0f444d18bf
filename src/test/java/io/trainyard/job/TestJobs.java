package io.trainyard.job;

import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.job.process.Roles;
import io.trainyard.job.process.Supervision;
import io.trainyard.job.process.Workers;
import io.trainyard.json.StrictJson;
import io.trainyard.trace.Spans;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Jobs as a submission makes them. */
public final class TestJobs {
  private static final JobId IDS = new JobId(Clock.systemUTC());

  private TestJobs() {}

  public static Job queued() {
    return queued(0, Instant.now());
  }

  public static Job queued(int priority, Instant submitted) {
    return Job.queued(IDS.next(), task(priority), submitted.truncatedTo(ChronoUnit.MICROS));
  }

  public static Job queued(Task task) {
    return Job.queued(IDS.next(), task, Instant.now().truncatedTo(ChronoUnit.MICROS));
  }

  public static TrainingTask task(int priority) {
    return new TrainingTask(
        "xor",
        StrictJson.parse("{\"name\":\"xor\"}"),
        StrictJson.parse("{\"model\":\"xor\"}"),
        new Task.DatasetReference("xor", 1),
        new Task.Placement("cpu", priority),
        List.of());
  }

  /** The same job in a later attempt. */
  static Job attempt(Job job, int attempt) {
    return new Job(
        job.id(),
        job.task(),
        job.state(),
        attempt,
        job.crashes(),
        job.stopRequested(),
        job.lastRun(),
        job.threads(),
        job.progress(),
        job.createdAt(),
        job.startedAt(),
        job.finishedAt(),
        job.labels());
  }

  /** Settings as an empty configuration gives them on a small machine, but for those named. */
  public static JobProperties properties(String... namesAndSettings) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("trainyard.jobs.memory", "1GB");
    for (int i = 0; i < namesAndSettings.length; i += 2) {
      settings.put("trainyard.jobs." + namesAndSettings[i], namesAndSettings[i + 1]);
    }
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("trainyard.jobs", JobProperties.class);
  }

  /** Spans that nobody keeps. */
  static final JobSpans SPANS = new JobSpans(Spans.OFF);

  /** Measurements of a process without workers. */
  public static JobMeasurements measurements(MeterRegistry meters) {
    return new JobMeasurements(
        meters,
        Clock.systemUTC(),
        Supervision.none(),
        SPANS,
        new Workers(),
        new Roles(EnumSet.allOf(Roles.Role.class)),
        properties());
  }

  public static ProgressReport report(int... epochs) {
    List<ProgressReport.Epoch> list = new ArrayList<>();
    for (int epoch : epochs) {
      list.add(new ProgressReport.Epoch(record(epoch), progress(epoch)));
    }
    return new ProgressReport(
        list,
        epochs.length == 0
            ? JobProgress.NONE
            : new JobProgress(list.getLast().progress(), list.getLast().record(), null, null));
  }

  public static EpochRecord record(int epoch) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", 1.0 / epoch);
    values.put("val_loss", Double.POSITIVE_INFINITY);
    return new EpochRecord(epoch, "", values, 0.01, 0.5);
  }

  public static Progress progress(int epoch) {
    return new Progress("", epoch, 10, 1, 1, epoch / 10.0, Double.NaN, 100);
  }
}
