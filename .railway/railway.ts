// Rollcall on Railway; docs/deploy-railway.md says how it is used, and what each variable is for.
// Every variable is named here, because an apply removes those that are not. `preserve()` keeps what is set in Railway
// and sets nothing by itself, so no value of yours stands in this file.
import { defineRailway, github, preserve, project, service } from "railway/iac";

// A start command takes the place of the image's entry point, so it begins as that one does: with tini, and no shell.
const rollcall = "tini -- python /opt/rollcall/app/rollcall.py";

export default defineRailway((ctx) => {
  // Your copy of this repository, as owner/name. Unset: what `railway up` sends from this folder.
  const repository = process.env.ROLLCALL_REPOSITORY;
  const source = repository ? github(repository, { branch: "main" }) : undefined;

  // Runs to its end at each deployment. The only one that has the owner's address of the database.
  const migrate = service("migrate", {
    source,
    start: `${rollcall} migrate`,
    replicas: 1,
    env: {
      DATABASE_URL: preserve(),
      LOG_LEVEL: preserve(),
    },
  });

  const web = service("web", {
    source,
    start: `${rollcall} web`,
    healthcheck: "/healthz",
    healthcheckTimeout: 180,
    replicas: 1,
    env: {
      RAILWAY_DEPLOYMENT_DRAINING_SECONDS: "30",
      DATABASE_URL: preserve(),
      SUPABASE_URL: preserve(),
      SUPABASE_PUBLISHABLE_KEY: preserve(),
      SUPABASE_JWT_SECRET: preserve(),
      SECRET_KEY: preserve(),
      SEALING_KEY: preserve(),
      PUBLIC_URL: preserve(),
      // Railway's edge.
      TRUSTED_PROXIES: "1",
      SIGNUP_OPEN: preserve(),
      SESSION_DAYS: preserve(),
      SESSION_MAX_DAYS: preserve(),
      HEALTH_PORT: preserve(),
      WEB_THREADS: preserve(),
      EXPORT_LINK_MINUTES: preserve(),
      EXPORT_KEEP_HOURS: preserve(),
      DATA_DOWNLOAD_MAX_MB: preserve(),
      UPLOADS_MAX_MB: preserve(),
      PACE_SECONDS: preserve(),
      PACE_JITTER_SECONDS: preserve(),
      REQUESTS_PER_DAY: preserve(),
      INSTAGRAM_APP_ID: preserve(),
      INSTAGRAM_AUTHORIZE_URL: preserve(),
      GRAPH_VERSION: preserve(),
      GOOGLE_CLIENT_ID: preserve(),
      GOOGLE_ACCOUNTS_URL: preserve(),
      YOUTUBE_DERIVED_METRICS: preserve(),
      PRIVACY_URL: preserve(),
      TERMS_URL: preserve(),
      MAIL_FROM: preserve(),
      METRICS_TOKEN: preserve(),
      METRICS_PORT: preserve(),
      CRON_SECRET: preserve(),
      SENTRY_DSN: preserve(),
      OPERATORS: preserve(),
      LOG_LEVEL: preserve(),
    },
  });

  const worker = service("worker", {
    source,
    start: `${rollcall} worker`,
    replicas: 1,
    env: {
      RAILWAY_DEPLOYMENT_DRAINING_SECONDS: "60",
      WORKER_DRAIN_SECONDS: "20",
      DATABASE_URL: preserve(),
      WORKER_KEYS: preserve(),
      SUPABASE_URL: preserve(),
      SUPABASE_SECRET_KEY: preserve(),
      // Railway gives containers no user namespaces.
      BROWSER_SANDBOX: "false",
      BROWSER_RECYCLE_JOBS: preserve(),
      WORKER_CONCURRENCY: preserve(),
      WORKER_LEASE_SECONDS: preserve(),
      WORKER_POLL_SECONDS: preserve(),
      RETRY_BASE_SECONDS: preserve(),
      RETRY_CAP_SECONDS: preserve(),
      SCHEDULER: preserve(),
      CODE_WAIT_SECONDS: preserve(),
      EXPORT_KEEP_HOURS: preserve(),
      PACE_SECONDS: preserve(),
      PACE_JITTER_SECONDS: preserve(),
      REQUESTS_PER_DAY: preserve(),
      RATE_LIMIT_REST_HOURS: preserve(),
      PUBLIC_URL: preserve(),
      INSTAGRAM_APP_ID: preserve(),
      INSTAGRAM_APP_SECRET: preserve(),
      INSTAGRAM_OAUTH_URL: preserve(),
      INSTAGRAM_GRAPH_URL: preserve(),
      GRAPH_VERSION: preserve(),
      GOOGLE_CLIENT_ID: preserve(),
      GOOGLE_CLIENT_SECRET: preserve(),
      GOOGLE_OAUTH_URL: preserve(),
      YOUTUBE_API_URL: preserve(),
      YOUTUBE_ANALYTICS_URL: preserve(),
      YOUTUBE_DERIVED_METRICS: preserve(),
      MAIL_FROM: preserve(),
      MAIL_API_KEY: preserve(),
      MAIL_API_URL: preserve(),
      SMTP_URL: preserve(),
      BROWSER_ENDPOINT: preserve(),
      METRICS_PORT: preserve(),
      SENTRY_DSN: preserve(),
      OPERATORS: preserve(),
      KEEP_JOBS_DAYS: preserve(),
      KEEP_ATTEMPTS_DAYS: preserve(),
      KEEP_ALERTS_DAYS: preserve(),
      KEEP_METRICS_DAYS: preserve(),
      LOG_LEVEL: preserve(),
    },
  });

  return project(ctx.projectName, { resources: [migrate, web, worker] });
});
