package io.trainyard.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * The keys of all processes. The first call under a key claims it and runs; its answer is kept for
 * retries.
 */
public interface IdempotencyKeys {
  /**
   * The claim of the current call. A store that creates a resource records it under this claim in
   * the same transaction: if the process dies before it answers, a retry doesn't create a second
   * one.
   */
  ScopedValue<Claim.Fresh> CURRENT = ScopedValue.newInstance();

  /**
   * Claims a key.
   *
   * @param key a digest of caller, method, path and the caller's key
   * @param payload a digest of the request
   */
  Claim claim(String key, String payload);

  /** Whether there is a claim of a key. */
  boolean isKnown(String key);

  /** Keeps the answer of a call. */
  void keep(Claim.Fresh claim, Answer answer);

  /** Gives up a claim without an answer: a retry runs the call again. */
  void release(Claim.Fresh claim);

  /** The answer of a call. */
  record Answer(
      int status,
      @Nullable String location,
      @Nullable String etag,
      @Nullable String contentType,
      String body) {}

  /** The result of a claim. */
  sealed interface Claim {
    /** Nobody holds the key: the call runs. */
    record Fresh(String key, String holder) implements Claim {}

    /** An earlier call was answered. */
    record Answered(Answer answer) implements Claim {}

    /** An earlier call created a resource, but its answer isn't stored. */
    record Unanswered(Created created) implements Claim {}

    /** Another call under the same key is still running. */
    record Running() implements Claim {}

    /** The key was used for another request. */
    record OtherPayload() implements Claim {}
  }
}
