package io.trainyard.model;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A movable name for one version of a model.
 *
 * @param previousVersion the version that a rollback restores, or null
 * @param revision grows with every move
 */
public record Alias(
    String model,
    String name,
    int version,
    @Nullable Integer previousVersion,
    long revision,
    Instant updatedAt) {
  /** The alias that predict uses by default. */
  public static final String PRODUCTION = "production";

  /** The reserved name of the newest version. */
  public static final String LATEST = "latest";

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9._-]{0,62}");

  /** Whether an alias may have this name; {@code latest} always means the newest version. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches() && !name.equals(LATEST);
  }

  /** The error for an alias that does not exist. */
  public static ServiceException notFound(String model, String alias) {
    return new ServiceException(
        ErrorCode.ALIAS_NOT_FOUND, "The model '" + model + "' has no alias '" + alias + "'");
  }

  /**
   * One move of an alias.
   *
   * @param id grows with time
   * @param by who moved it: {@code api}, the name of a key, or {@code job} and its id
   */
  public record Move(long id, int version, Instant at, String by) {
    /** A caller without a key. */
    private static final String ANYONE = "api";

    /** How a move by the current caller is signed. */
    public static String byCaller() {
      Identity caller = Identity.current();
      return caller.owner() == null ? ANYONE : caller.label();
    }

    /** How a move by a job is signed. */
    public static String byJob(String id) {
      return "job " + id;
    }
  }
}
