package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.List;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** Answers failures before the controllers, which {@link ProblemAdvice} does not see. */
@Controller
record FallbackErrorController(ProblemAdvice advice, ProblemWriter writer)
    implements ErrorController {
  @RequestMapping("${server.error.path:/error}")
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    if (request.getAttribute(ProblemAdvice.BROKEN_OFF) != null || isConnectionLost(request)) {
      String path = String.valueOf(request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI));
      writer.write(
          Problem.of(
              ErrorCode.MALFORMED_BODY,
              "The connection ended before the whole body arrived",
              path,
              List.of()),
          response);
      return;
    }
    if (request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable failure) {
      Throwable cause =
          failure instanceof ServletException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      writer.write(advice.problem(cause, new Failed(request)), response);
      return;
    }
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    String path = String.valueOf(request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI));
    ErrorCode code = status instanceof Integer known ? Problem.code(known) : Problem.code(404);
    if (status == null) {
      path = request.getRequestURI(); // a direct request for the error page
    }
    writer.write(Problem.of(code, code.title(), path, List.of()), response);
  }

  /** Tomcat keeps the failure of a read, even when the operation has answered since. */
  private static boolean isConnectionLost(HttpServletRequest request) {
    Object failure = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
    return failure instanceof IOException && !(failure instanceof FileSystemException);
  }

  /** The request before it was forwarded to the error page. */
  private static final class Failed extends HttpServletRequestWrapper {
    Failed(HttpServletRequest request) {
      super(request);
    }

    @Override
    public String getRequestURI() {
      Object first = getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
      return first == null ? super.getRequestURI() : first.toString();
    }
  }
}
