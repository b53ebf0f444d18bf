package io.trainyard.api;

import io.trainyard.dataset.CurrentCaller;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/** Lets long tasks ask whether the caller of their request has left. */
public final class CallerValve extends ValveBase {
  private static final String BROKEN = CallerValve.class.getName() + ".broken";

  CallerValve() {
    super(true);
  }

  /** Closes the connection in place of the end of an answer that broke off. */
  public static void breakOff(HttpServletRequest request) {
    request.setAttribute(BROKEN, true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    try {
      ScopedRequest.run(
          rest -> CurrentCaller.call(() -> hasLeft(request, response), rest),
          () -> getNext().invoke(request, response));
    } finally {
      if (request.getAttribute(BROKEN) != null) {
        response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
      }
    }
  }

  /**
   * Whether the connection is closed. Tomcat reads what the socket has, without waiting, and
   * reports an end of the stream as one byte that can be read. That may overwrite a request that
   * arrived together with this one's body, so the connection ends with this answer.
   */
  private static boolean hasLeft(Request request, Response response) {
    response.setHeader("Connection", "close");
    request.getCoyoteRequest().action(ActionCode.AVAILABLE, true);
    return request.getCoyoteRequest().getAvailable() == 1;
  }
}
