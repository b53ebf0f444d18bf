package io.trainyard.job;

import org.jspecify.annotations.Nullable;

/**
 * Keys under which callers repeat a creating call without creating twice. The first call claims a
 * key; what it answered is kept for those that repeat it.
 */
public interface IdempotencyKeys {
  /**
   * The claim under which the present call runs. A store that creates something marks the claim in
   * the same transaction, so that a call whose process dies before it answers is not run again.
   */
  ScopedValue<Claim.Fresh> CURRENT = ScopedValue.newInstance();

  /**
   * Claims a key.
   *
   * @param key a digest of caller, method, path and the caller's key
   * @param payload a digest of what is sent
   */
  Claim claim(String key, String payload);

  /** Keeps the answer of a call. */
  void keep(Claim.Fresh claim, Answer answer);

  /** Lets go of a claim whose answer is not worth keeping. */
  void release(Claim.Fresh claim);

  /**
   * What a call answered.
   *
   * @param body null when only status and location are known: the call's process died
   */
  record Answer(
      int status, @Nullable String location, @Nullable String contentType, @Nullable String body) {}

  /** What came of claiming. */
  sealed interface Claim {
    /** Nobody holds the key: the call runs. */
    record Fresh(String key, String holder) implements Claim {}

    /** The call was made before. */
    record Made(Answer answer) implements Claim {}

    /** Another call under the same key is still running. */
    record Running() implements Claim {}

    /** The key was used for something else. */
    record OtherPayload() implements Claim {}
  }
}
