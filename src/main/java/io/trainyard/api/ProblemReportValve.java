package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.trace.RequestId;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that Tomcat refuses itself (a broken request line, headers too long) with a
 * problem in place of its HTML page.
 */
public final class ProblemReportValve extends ErrorReportValve {
  private static final String UNREADABLE =
      "The request line or a header is malformed, or together they are longer than this service"
          + " reads (by default 32 KB)";

  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    if (response.getStatus() < 400
        || response.getContentWritten() > 0
        || !response.setErrorReported()) {
      return;
    }
    if (response.getStatus() == 501 || response.getStatus() == 505) {
      // An unknown transfer encoding or version of HTTP: the caller's fault, not ours.
      response.setStatus(400);
    }
    ErrorCode code = Problem.code(response.getStatus());
    // The request of a connection that Tomcat cannot read at all has no id yet.
    String known = response.getHeader(RequestId.HEADER);
    String id = known == null ? RequestId.of(null) : known;
    response.setHeader(RequestId.HEADER, id);
    // Only constant texts and a sane id, so nothing needs escapes.
    String body =
        """
        {"type":"urn:trainyard:problem:%s","title":"%s","status":%d,"detail":"%s","instance":"","code":"%s","help":"%s","request_id":"%s"}\
        """
            .formatted(
                code.code(),
                code.title(),
                response.getStatus(),
                code == ErrorCode.MALFORMED_REQUEST ? UNREADABLE : code.title(),
                code.code(),
                Problem.HELP + code.code(),
                id);
    response.addHeader("Link", Problem.link(code.code()));
    // No filter has seen it.
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Content-Security-Policy", Browser.NOTHING);
    response.setContentType(Problem.MEDIA_TYPE);
    response.setCharacterEncoding(StandardCharsets.UTF_8);
    try {
      Writer writer = response.getReporter();
      if (writer != null) {
        writer.write(body);
        response.finishResponse();
      }
    } catch (IOException | IllegalStateException e) {
      container.getLogger().debug("The caller left before the problem was sent", e);
    }
  }
}
