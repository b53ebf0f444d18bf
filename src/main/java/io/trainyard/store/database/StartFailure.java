package io.trainyard.store.database;

import io.trainyard.error.StartRefusedException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** What to tell the operator when the process cannot start. */
public final class StartFailure {
  /** Classes of SQL states: no connection, no right to connect, no such database. */
  private static final Set<String> NO_CONNECTION = Set.of("08", "28", "3D");

  private StartFailure() {}

  /** One sentence for the operator; empty for a failure that only a developer understands. */
  public static Optional<String> sentence(Throwable failure) {
    Optional<String> sentence = Optional.empty();
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof StartRefusedException refused) {
        return Optional.of(String.valueOf(refused.getMessage()));
      }
      if (e instanceof SQLException fault && H2Failure.isDamaged(fault)) {
        return Optional.of(
            "The file of the embedded database is damaged: %s; restore it from a backup"
                .formatted(H2Failure.reason(fault)));
      }
      if (e instanceof SQLException fault && isNoConnection(fault)) {
        sentence = Optional.of(unreachable(fault));
      }
    }
    return sentence;
  }

  private static boolean isNoConnection(SQLException fault) {
    String state = String.valueOf(fault.getSQLState());
    return state.length() == 5 && NO_CONNECTION.contains(state.substring(0, 2));
  }

  private static String unreachable(SQLException fault) {
    String reason = String.valueOf(fault.getMessage()).lines().findFirst().orElse("");
    return "The database cannot be used: "
        + reason.replaceFirst("\\.$", "")
        + "; start it, or correct spring.datasource.url, username and password";
  }
}
