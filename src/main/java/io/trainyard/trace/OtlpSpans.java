package io.trainyard.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans to a collector by OTLP over HTTP, in batches and in the background. While the
 * collector is away, the newest spans are dropped.
 */
final class OtlpSpans {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int MOST_WAITING = 8192;

  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final GivenIds ids = new GivenIds();

  OtlpSpans(TraceProperties properties, String version) {
    OtlpHttpSpanExporterBuilder exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(Objects.requireNonNull(properties.endpoint()).toString())
            .setTimeout(TIMEOUT);
    properties.headers().forEach(exporter::addHeader);
    Resource service =
        Resource.create(
            Attributes.of(
                AttributeKey.stringKey("service.name"),
                "trainyard",
                AttributeKey.stringKey("service.version"),
                version));
    this.provider =
        SdkTracerProvider.builder()
            .setResource(service)
            .setIdGenerator(ids)
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter.build())
                    .setScheduleDelay(PAUSE)
                    .setMaxQueueSize(MOST_WAITING)
                    .build())
            .build();
    this.tracer = provider.get("io.trainyard");
  }

  void record(EndedSpan span) {
    long sinceEpoch = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();
    SpanBuilder builder =
        tracer
            .spanBuilder(span.name())
            .setSpanKind(kind(span.kind()))
            .setStartTimestamp(sinceEpoch + span.start(), TimeUnit.NANOSECONDS);
    TraceContext own = span.context();
    if (span.parent() == null) {
      builder.setNoParent();
    } else {
      builder.setParent(Context.root().with(Span.wrap(remote(own.traceId(), span.parent()))));
    }
    TraceContext link = span.link();
    if (link != null) {
      builder.addLink(remote(link.traceId(), link.spanId()));
    }
    span.attributes().forEach(builder::setAttribute);
    Span started = ids.with(own, builder::startSpan);
    fail(started, span.fault());
    started.end(sinceEpoch + span.end(), TimeUnit.NANOSECONDS);
  }

  private static void fail(Span span, @Nullable String fault) {
    if (fault != null) {
      span.setStatus(StatusCode.ERROR, fault);
    }
  }

  private static SpanKind kind(EndedSpan.Kind kind) {
    return switch (kind) {
      case SERVER -> SpanKind.SERVER;
      case INTERNAL -> SpanKind.INTERNAL;
      case CONSUMER -> SpanKind.CONSUMER;
    };
  }

  private static SpanContext remote(String trace, String span) {
    return SpanContext.createFromRemoteParent(
        trace, span, TraceFlags.getSampled(), TraceState.getDefault());
  }

  void close() {
    var _ = provider.shutdown().join(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
