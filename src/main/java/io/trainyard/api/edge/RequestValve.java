package io.trainyard.api.edge;

import io.trainyard.access.Proxies;
import io.trainyard.api.LogContext;
import io.trainyard.api.Probes;
import io.trainyard.api.ScopedRequest;
import io.trainyard.predict.Practice;
import io.trainyard.trace.EndedSpan;
import io.trainyard.trace.RequestId;
import io.trainyard.trace.Spans;
import io.trainyard.trace.TraceContext;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.tomcat.util.buf.MessageBytes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Gives each request its id and its place in a trace, which its log lines and its answer have, and
 * tells the access log and the traces about its end. The access log has no query and no header:
 * they may hold keys.
 */
final class RequestValve extends ValveBase {
  private static final Logger ACCESS = LoggerFactory.getLogger("io.trainyard.access");
  private static final String TRACEPARENT = "traceparent";
  private static final String SEEN = RequestValve.class.getName();

  /** Its caller is the platform, every few seconds. */
  private static final String PLATFORM = "/actuator";

  /** What the path of a request names. */
  private static final List<String> NAMED = List.of("model", "job");

  /** Where a proxy says from whom it got a request. */
  private static final String FORWARDED = "X-Forwarded-For";

  private final boolean logsAccess;
  private final Proxies proxies;
  private final Spans spans;
  private final OwnConnections own;

  /**
   * @param logsAccess whether there is an access log
   */
  RequestValve(boolean logsAccess, Proxies proxies, Spans spans, OwnConnections own) {
    super(true);
    this.logsAccess = logsAccess;
    this.proxies = proxies;
    this.spans = spans;
    this.own = own;
  }

  /**
   * A request.
   *
   * @param caller the context that the caller sent; null without one
   * @param start as {@link System#nanoTime} tells
   */
  private record Seen(String id, TraceContext context, @Nullable TraceContext caller, long start) {}

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    // The end of the connection itself: a valve before this one may have taken a header's word.
    if (!own.isPractice(request.getPeerAddr(), request.getRemotePort())) {
      if (!isOfPlatform(request.getRequestURI())) {
        own.callerCame();
      }
      answer(request, response);
      return;
    }
    ScopedRequest.run(Practice::call, () -> answer(request, response));
  }

  private void answer(Request request, Response response) throws IOException, ServletException {
    Seen seen = seen(request, response);
    RequestId.log(seen.id(), seen.context());
    TraceContext.ofThisThread(seen.context());
    try {
      getNext().invoke(request, response);
    } finally {
      if (!request.isAsync()) {
        ended(seen, request, response);
      }
      TraceContext.ofThisThread(null);
      RequestId.forget();
    }
  }

  /** A request that goes on after a pause comes here again. */
  private Seen seen(Request request, Response response) {
    if (request.getAttribute(SEEN) instanceof Seen known) {
      return known;
    }
    TraceContext caller = TraceContext.parse(request.getHeader(TRACEPARENT));
    TraceContext own = caller == null ? TraceContext.root(spans.sample()) : caller.child();
    String path = request.getRequestURI(); // null for a request line that cannot be read
    if (path != null && !NormalPath.of(path).equals(path)) {
      request.getCoyoteRequest().requestURI().setString(NormalPath.of(path));
    }
    withoutSlashAtItsEnd(request.getMappingData().wrapperPath);
    String peer = request.getRemoteAddr(); // null once it has gone
    if (peer != null) {
      request.setRemoteAddr(proxies.caller(peer, forwarded(request.getHeaders(FORWARDED))));
    }
    Seen seen =
        new Seen(RequestId.of(request.getHeader(RequestId.HEADER)), own, caller, System.nanoTime());
    request.setAttribute(SEEN, seen);
    response.setHeader(RequestId.HEADER, seen.id());
    response.setHeader(TRACEPARENT, own.header());
    return seen;
  }

  /** The path that filters compare: Tomcat has decoded it, and left out detours and parameters. */
  private static void withoutSlashAtItsEnd(MessageBytes path) {
    String text = path.toString(); // null for a request that cannot be read
    if (text != null && text.length() > 1 && text.endsWith("/")) {
      path.setString(text.substring(0, text.length() - 1));
    }
  }

  /** Each proxy may add a header of its own; null without one. */
  private static @Nullable String forwarded(Enumeration<String> headers) {
    return headers.hasMoreElements() ? String.join(",", Collections.list(headers)) : null;
  }

  /**
   * @param path null for a request line that cannot be read
   */
  private static boolean isOfPlatform(@Nullable String path) {
    return path != null && (path.startsWith(PLATFORM) || Probes.isProbe(path));
  }

  private void ended(Seen seen, Request request, Response response) {
    String path = request.getRequestURI();
    if (Practice.isOn() || isOfPlatform(path)) {
      return;
    }
    long now = System.nanoTime();
    if (logsAccess) {
      double millis = Math.round((now - seen.start()) / 1e5) / 10.0;
      Object key = request.getAttribute(LogContext.CALLER);
      LoggingEventBuilder line = ACCESS.atInfo();
      if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
          instanceof Map<?, ?> variables) {
        for (String name : NAMED) {
          line = variables.get(name) == null ? line : line.addKeyValue(name, variables.get(name));
        }
      }
      line.addKeyValue("key", key)
          .addKeyValue("method", request.getMethod())
          .addKeyValue("path", path)
          .addKeyValue("status", response.getStatus())
          .addKeyValue("bytes", response.getBytesWritten(false))
          .addKeyValue("millis", millis)
          .addKeyValue("caller", request.getRemoteAddr())
          .log(
              "{} {} {} {} bytes, {} ms, from {} ({})",
              request.getMethod(),
              path,
              response.getStatus(),
              response.getBytesWritten(false),
              millis,
              request.getRemoteAddr(),
              key == null ? "-" : key);
    }
    if (spans.areKept() && seen.context().sampled()) {
      spans.record(span(seen, request, response.getStatus(), now));
    }
  }

  private static EndedSpan span(Seen seen, Request request, int status, long now) {
    Object route = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("http.request.method", String.valueOf(request.getMethod()));
    attributes.put("url.path", String.valueOf(request.getRequestURI()));
    attributes.put("http.response.status_code", String.valueOf(status));
    attributes.put("trainyard.request_id", seen.id());
    if (route != null) {
      attributes.put("http.route", route.toString());
    }
    TraceContext caller = seen.caller();
    return new EndedSpan(
        route == null ? request.getMethod() : request.getMethod() + " " + route,
        EndedSpan.Kind.SERVER,
        seen.context(),
        caller == null ? null : caller.spanId(),
        null,
        seen.start(),
        now,
        attributes,
        status >= 500 ? String.valueOf(status) : null);
  }
}
