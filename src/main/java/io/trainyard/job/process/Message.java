package io.trainyard.job.process;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.train.TrainingCommand;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What a worker process and its supervisor tell each other. The database is the truth; messages
 * only make it fast, so one that is lost delays something and breaks nothing. {@link Hello}, {@link
 * Welcome}, calls and answers are the exception: they belong to one connection, and end with it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "kind")
public sealed interface Message {
  /** What a worker says. */
  sealed interface FromWorker extends Message {}

  /** The first message of a worker. */
  record Hello(long pid) implements FromWorker {}

  /** The worker takes jobs. */
  record Ready() implements FromWorker {}

  /**
   * The worker lives.
   *
   * @param resident bytes of its memory, shared files left out
   */
  record Heartbeat(long resident) implements FromWorker {}

  /** Something about a job was stored: its state, an epoch, or a message. */
  record Changed(String job) implements FromWorker {}

  /** What a worker measured, for the metrics of its supervisor. */
  sealed interface Measurement extends FromWorker {}

  /** A job has started. */
  record Waited(String pool, long nanos) implements Measurement {}

  /** A job has ended. */
  record Ended(String state, String pool, String kind, long nanos) implements Measurement {}

  /** A job has failed with an error of this code. */
  record Failed(String code) implements Measurement {}

  /** A checkpoint was stored. */
  record Checkpointed(long bytes, long nanos) implements Measurement {}

  /** A checkpoint could not be stored. */
  record CheckpointFailed() implements Measurement {}

  /** Rows were trained on. */
  record Trained(long rows) implements Measurement {}

  /** Asks for a version to be loaded before an alias moves to it. */
  record WarmUp(long call, ProposedVersion version) implements FromWorker {}

  /** The version of a {@link WarmUp} was published. */
  record Published(long call, String model, int version) implements FromWorker {}

  /** The version of a {@link WarmUp} is no longer needed, unless it was published. */
  record Released(long call) implements FromWorker {}

  /** The worker now runs so many jobs of a pool. */
  record Occupied(String pool, int slots) implements FromWorker {}

  /** What a supervisor says. */
  sealed interface ToWorker extends Message {}

  /**
   * The answer to {@link Hello}.
   *
   * @param nice how much lower the priority of the worker is
   * @param settings what this worker's configuration has instead of the supervisor's
   */
  record Welcome(String name, int nice, Map<String, String> settings) implements ToWorker {
    public Welcome {
      settings = Map.copyOf(settings);
    }
  }

  /** A job was queued in a pool. */
  record Wake(String pool) implements ToWorker {}

  /** A job is to stop or was cancelled. */
  record Command(String job, TrainingCommand command) implements ToWorker {}

  /** Asks whether a version answers. */
  record Prove(long call, ProposedVersion version) implements ToWorker {}

  /** Suspend all jobs and end. */
  record Stop() implements ToWorker {}

  /**
   * Ends a call.
   *
   * @param fault why it failed, or null
   */
  record Answer(long call, @Nullable Fault fault) implements Message {
    /** The answer of some work: its refusal, or that it succeeded. */
    public static Answer of(long call, Runnable work) {
      try {
        work.run();
        return new Answer(call, null);
      } catch (ServiceException e) {
        return new Answer(call, new Fault(e.code().name(), e.detail()));
      } catch (RuntimeException | OutOfMemoryError e) {
        LoggerFactory.getLogger(Message.class).error("A call of another process failed", e);
        return new Answer(
            call,
            new Fault(
                ErrorCode.INTERNAL.name(), "Something went wrong inside the service; see its log"));
      }
    }
  }

  /**
   * A refusal that crosses the channel.
   *
   * @param code the name of an {@link io.trainyard.error.ErrorCode}
   */
  record Fault(String code, String detail) {}
}
