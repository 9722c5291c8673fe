#pragma once
#include "arena.h"
#include "magpie/v1/admin.pb-c.h"
#include "magpie/v1/common.pb-c.h"
#include "magpie/v1/health.pb-c.h"
#include "magpie/v1/ingest.pb-c.h"
#include "magpie/v1/recommender.pb-c.h"
