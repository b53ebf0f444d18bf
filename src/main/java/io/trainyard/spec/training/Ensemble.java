package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Several trainings of one network, which answer together.
 *
 * @param kind what the members differ in
 * @param members how many there are
 */
public record Ensemble(Kind kind, int members) {
  private static final int MAX = 100;

  /** The largest seed, and one. */
  private static final long SEEDS = 1L << 53;

  /** What the members of an ensemble differ in. */
  public enum Kind {
    /** Each validates on another fold of the rows, and has a seed of its own. */
    FOLDS,
    /** Each has a seed of its own, and the same rows. */
    SEEDS
  }

  public Ensemble {
    JsonObject.require(
        members >= 2 && members <= MAX, "an ensemble has 2 to " + MAX + " members", members);
  }

  /** Whether each member validates on another fold. */
  public boolean hasFolds() {
    return kind == Kind.FOLDS;
  }

  /** The member of a body that says how many there are. */
  public String member() {
    return hasFolds() ? "folds" : "seeds";
  }

  /**
   * The seed of a member; the first one has that of the job.
   *
   * @param member from 0
   */
  public static long seed(long ofJob, int member) {
    return (ofJob + member) % SEEDS;
  }

  static @Nullable Ensemble read(JsonObject training) {
    JsonObject json = training.object("ensemble");
    JsonNode given = training.get("ensemble");
    if (json == null || given == null || !given.isObject()) {
      return null; // a violation says why, or there is none
    }
    int folds = json.integer("folds", 0, 2, MAX);
    int seeds = json.integer("seeds", 0, 2, MAX);
    boolean one = json.has("folds") != json.has("seeds");
    json.finish();
    if (!one) {
      training.violate(
          "ensemble",
          "Either {\"folds\": 8} or {\"seeds\": 5} was expected, got "
              + (json.has("folds") ? "both" : "neither"));
    }
    if (!one || folds + seeds == 0) {
      return null;
    }
    return folds > 0 ? new Ensemble(Kind.FOLDS, folds) : new Ensemble(Kind.SEEDS, seeds);
  }
}
