package io.trainyard.job.supervise;

import io.trainyard.access.Identity;
import io.trainyard.job.JobMeasurements;
import io.trainyard.job.event.JobNotices;
import io.trainyard.job.process.Message;
import io.trainyard.job.process.Preloader;
import io.trainyard.job.process.Preloader.Preloaded;
import io.trainyard.job.process.ProposedVersion;
import io.trainyard.job.process.WorkerProcess;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Does what workers ask of their supervisor. */
@Component
final class WorkerRequests {
  private static final Logger log = LoggerFactory.getLogger(WorkerRequests.class);

  private final JobNotices notices;
  private final JobMeasurements measurements;
  private final Preloader preloader;

  /** The versions that are loaded for workers and not released. */
  private final Map<Call, Preloaded> preloaded = new ConcurrentHashMap<>();

  private record Call(WorkerProcess worker, long number) {}

  WorkerRequests(JobNotices notices, JobMeasurements measurements, Preloader preloader) {
    this.notices = notices;
    this.measurements = measurements;
    this.preloader = preloader;
  }

  /** Returns at once. */
  void handle(WorkerProcess worker, Message message) {
    switch (message) {
      case Message.Changed(String job) -> notices.changed(job);
      case Message.Measurement measured -> measurements.add(measured);
      case Message.WarmUp(long call, ProposedVersion version) ->
          Thread.ofVirtual().start(Identity.service().doing(() -> warmUp(worker, call, version)));
      case Message.Published(long call, String model, int version) ->
          published(new Call(worker, call), model, version);
      case Message.Released(long call) -> release(new Call(worker, call));
      case Message.Hello _,
          Message.Ready _,
          Message.Heartbeat _,
          Message.Occupied _,
          Message.Answer _,
          Message.ToWorker _ ->
          throw new IllegalStateException("not a request of a worker: " + message);
    }
  }

  private void warmUp(WorkerProcess worker, long call, ProposedVersion version) {
    worker.send(
        Message.Answer.of(
            call,
            () -> preloaded.put(new Call(worker, call), preloader.preload(version.toLoad()))));
    if (!worker.isConnected()) {
      release(new Call(worker, call)); // it has ended while the version was loaded
    }
  }

  /** Removes the version at once: the worker releases it next. */
  private void published(Call call, String model, int version) {
    Preloaded loaded = preloaded.remove(call);
    if (loaded != null) {
      Thread.ofVirtual().start(Identity.service().doing(() -> published(loaded, model, version)));
    }
  }

  private static void published(Preloaded loaded, String model, int version) {
    try (loaded) {
      loaded.published(model, version);
    } catch (RuntimeException e) {
      log.warn("The first prediction loads {}@{} again: {}", model, version, e.toString());
    }
  }

  private void release(Call call) {
    Preloaded loaded = preloaded.remove(call);
    if (loaded != null) {
      loaded.close();
    }
  }

  /** Frees what a worker that has ended had loaded. */
  void releaseAll(WorkerProcess worker) {
    preloaded.keySet().stream().filter(call -> call.worker() == worker).forEach(this::release);
  }
}
