package io.trainyard.job.process;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.process.Message.Answer;
import io.trainyard.job.process.Message.Fault;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/** The calls of one connection that wait for their answers. */
final class Calls {
  private final Channel channel;
  private final LongConsumer late;
  private final AtomicLong last = new AtomicLong();
  private final Map<Long, CompletableFuture<Answer>> open = new ConcurrentHashMap<>();
  private volatile boolean ended;

  /**
   * Calls over a channel.
   *
   * @param late gets the number of a call whose answer came after it had ended: nobody uses what
   *     the other process did
   */
  Calls(Channel channel, LongConsumer late) {
    this.channel = channel;
    this.late = late;
  }

  /**
   * Sends a call and waits for its answer.
   *
   * @param message the message with the call's number
   * @return the call's number
   * @throws ServiceException the refusal of the other process; UNAVAILABLE after the limit
   * @throws LostException when the connection ended first
   */
  long call(LongFunction<Message> message, Duration limit) {
    long number = last.incrementAndGet();
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    open.put(number, answer);
    try {
      if (ended) {
        throw new LostException();
      }
      Message call = message.apply(number);
      if (Channel.isTooLarge(call)) {
        throw new ServiceException(
            ErrorCode.TOO_MUCH_MEMORY,
            "The spec and the encoding of a version have at most 16 MB together; this one has"
                + " more, most likely in the categories of its columns");
      }
      channel.send(call);
      return result(number, answer.get(limit.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      throw new LostException();
    } catch (TimeoutException e) {
      if (!open.remove(number, answer)) {
        return result(number, answer.join()); // it has come in this moment
      }
      throw new ServiceException(
          ErrorCode.UNAVAILABLE,
          "Another process of the service did not answer within " + limit.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (!open.remove(number, answer)) {
        return result(number, answer.join());
      }
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    } finally {
      open.remove(number);
    }
  }

  private static long result(long number, Answer answer) {
    Fault fault = answer.fault();
    if (fault != null) {
      throw new ServiceException(ErrorCode.valueOf(fault.code()), fault.detail());
    }
    return number;
  }

  void answered(Answer answer) {
    CompletableFuture<Answer> waiting = open.remove(answer.call());
    if (waiting == null) {
      late.accept(answer.call());
    } else {
      waiting.complete(answer);
    }
  }

  /** Ends all calls: the connection has ended. */
  void end() {
    ended = true;
    open.values().forEach(waiting -> waiting.completeExceptionally(new LostException()));
  }

  /** The other process has ended before it answered. */
  static final class LostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LostException() {
      super("the other process has ended");
    }
  }
}
