package io.trainyard.job;

import io.trainyard.job.frame.Frame;
import io.trainyard.label.Placed;
import io.trainyard.train.EpochRecord;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The jobs of all processes, for those who submit, read and end them; {@link Attempts} is for those
 * who run them. A change of state is a compare-and-set on state and attempt: when two callers
 * change the same job, exactly one succeeds. The other gets false or an empty answer, and must not
 * change anything more.
 */
public interface JobStore {
  /**
   * Stores a job and its place in the queue in one transaction, then wakes a worker.
   *
   * @param model becomes the stored spec of the task's model; null: that one stays
   * @throws io.trainyard.error.ServiceException QUEUE_FULL when the pool's queue is full
   */
  void submit(Job job, @Nullable JsonNode model);

  Optional<Job> find(String id);

  /** At most {@code limit} jobs, newest first. */
  default List<Job> list(JobFilter filter, int limit) {
    return page(filter, limit).stream().map(Placed::item).toList();
  }

  /**
   * At most {@code limit} jobs of a selection, in its order.
   *
   * @throws io.trainyard.error.ServiceException INVALID_PARAMETER for an order that there is not
   */
  List<Placed<Job>> page(JobFilter filter, int limit);

  /** The stored epochs in order. */
  List<EpochRecord> epochs(String id, int after, int limit);

  /**
   * At most {@code limit} frames of a job after an epoch, in order; the first of all is what they
   * share.
   */
  List<Frame> frames(String id, int after, int limit);

  /** The evaluation that a succeeded job stored, as JSON; older versions stored none. */
  Optional<String> evaluation(String id);

  /** Cancels a job; false when it has changed since it was read. */
  boolean cancel(Job seen, ProgressReport report);

  /**
   * Asks a running job to finish with its weights so far; false when its attempt has ended, or
   * another caller has asked, since it was read.
   */
  boolean requestStop(Job seen);

  /** Deletes a job that has ended; false for others. */
  boolean delete(String id);
}
