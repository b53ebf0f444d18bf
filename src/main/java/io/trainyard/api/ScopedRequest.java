package io.trainyard.api;

import jakarta.servlet.ServletException;
import java.io.IOException;

/** The rest of a request within scoped values. */
public final class ScopedRequest {
  private ScopedRequest() {}

  /** What binds the values while it calls something. */
  @FunctionalInterface
  public interface Scope {
    void call(ScopedValue.CallableOp<Boolean, Exception> rest) throws Exception;
  }

  /** What comes after a filter or a valve. */
  @FunctionalInterface
  public interface Rest {
    void run() throws IOException, ServletException;
  }

  /** Runs the rest, whose failures pass as they are. */
  public static void run(Scope scope, Rest rest) throws IOException, ServletException {
    try {
      scope.call(
          () -> {
            rest.run();
            return true;
          });
    } catch (IOException | ServletException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ServletException(e);
    }
  }
}
